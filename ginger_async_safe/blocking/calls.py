"""A blocking call that its owner did not mark: one row of the rules."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ginger_async_safe._patterns import Patterns
from ginger_async_safe.exceptions import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Literal, TypeAlias

    Condition: TypeAlias = Callable[..., bool]
    Shape: TypeAlias = Literal["call", "close", "lock", "poll", "socket"]

__all__ = ["BlockingCall"]

_DOTTED = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*(\(\))?)*\.[^\W\d]\w*")


@dataclass(frozen=True)
class BlockingCall:
    """A rule: a callable that blocks, in code that its owner did not mark.

    Attributes:
        target: Where the callable is: its module, the class if it has one, and its name, joined by dots. A class that no
            module names is told by what makes an instance of it: ``"select.poll().poll"``.
        id: What reports, patterns and settings call it; the target where it is not given.
        mend: What to write in an async function that makes the call itself.
        category: What it waits for: ``"time"``, ``"files"``, ``"network"``, ``"processes"``, ``"databases"``, ``"threads"``.
        reason: Why it blocks, in a few words.
        event: The audit event that Python raises before the call, if there is one: it is met under every name.
        blocks: Whether a call would wait, asked with the call's own arguments; always, where it is not given. It is
            asked on a running loop, so it may not wait itself.
        callers: Patterns of the packages and modules whose calls are meant; of all, where it is empty.
        shape: How the check is put before a callable that is written in C; the others are for those that loops call at
            every turn, and for those that have to be asked in a way of their own.

    Raises:
        ConfigurationError: Where the target is no dotted name, or one of ``callers`` is malformed.
    """

    target: str
    id: str = ""
    mend: str = ""
    category: str = "other"
    reason: str = ""
    event: str = ""
    blocks: Condition | None = None
    callers: tuple[str, ...] = field(default=(), compare=False)  # rules of one call are one rule, whoever it is for
    shape: Shape = "call"

    def __post_init__(self) -> None:
        if not _DOTTED.fullmatch(self.target):
            msg = f'{self.target!r} is no target of a blocking call; write module and name, such as "boto3.client"'
            raise ConfigurationError(msg)
        if not self.id:
            object.__setattr__(self, "id", self.target)
        object.__setattr__(self, "callers", Patterns(self.callers).texts)

    def __hash__(self) -> int:  # of all that is compared, what tells rules apart: they are looked up by the hundred
        return hash((self.target, self.id))
