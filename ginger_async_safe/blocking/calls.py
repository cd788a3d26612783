"""A blocking call that its owner did not mark: one row of the rules."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ginger_async_safe.exceptions import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeAlias

    Condition: TypeAlias = Callable[[dict[str, Any]], bool]

__all__ = ["BlockingCall"]

_DOTTED = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)+")


@dataclass(frozen=True)
class BlockingCall:
    """A rule: a callable that blocks, in code that its owner did not mark.

    Attributes:
        target: Where the callable is: its module, the class if it has one, and its name, joined by dots.
        id: What reports, patterns and settings call it; the target where it is not given.
        mend: What to write in an async function that makes the call itself.
        category: What it waits for: ``"time"``, ``"files"``, ``"network"``, ``"processes"``, ``"databases"``, ``"threads"``.
        reason: Why it blocks, in a few words.
        event: The audit event that Python raises before the call, if there is one: it is met under every name.
        blocks: Whether a call with these arguments blocks, by the names of the callable's parameters; of a callable
            written in C, positional ones are named ``"0"``, ``"1"`` and so on. Always, where it is not given.

    Raises:
        ConfigurationError: Where the target is no dotted name.
    """

    target: str
    id: str = ""
    mend: str = ""
    category: str = "other"
    reason: str = ""
    event: str = ""
    blocks: Condition | None = None

    def __post_init__(self) -> None:
        if not _DOTTED.fullmatch(self.target):
            msg = f'{self.target!r} is no target of a blocking call; write module and name, such as "boto3.client"'
            raise ConfigurationError(msg)
        if not self.id:
            object.__setattr__(self, "id", self.target)
