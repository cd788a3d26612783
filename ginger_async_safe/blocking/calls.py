"""An unmarked blocking call: one row of the rules."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ginger_async_safe._config.patterns import Patterns
from ginger_async_safe.exceptions import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Literal, TypeAlias

    Condition: TypeAlias = Callable[..., bool]
    Shape: TypeAlias = Literal["call", "close", "entering", "lock", "poll", "process_lock", "socket"]

__all__ = ["BlockingCall"]

_DOTTED = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*(\(\))?)*\.[^\W\d]\w*")
_COVERING = re.compile(r"[^\W\d]\w*(\.(\w+(\(\))?|[\w*]+))+")


@dataclass(frozen=True)
class BlockingCall:
    """A rule: a callable that blocks, in code that does not mark it with ``@async_unsafe``.

    Attributes:
        target: Where the callable is: its module, the class if it has one, and its name, joined by dots. A class that no
            module names is given by the call that makes an instance of it: ``"select.poll().poll"``. For a rule of the check
            alone, ``*`` stands for any part of a name, and ``**`` for one or more names: ``"acme.Client.*"`` covers every
            method of a class, and ``"acme.Client.**"`` also those of its attributes, such as ``client.orders.list``.
        id: Its name in reports, patterns and settings; the target by default.
        fix: What to write in an async function that makes the call itself.
        category: What it waits for: ``"time"``, ``"files"``, ``"network"``, ``"processes"``, ``"databases"``, ``"threads"``.
        reason: Why it blocks, in a few words.
        event: The audit event that Python raises before the call, if there is one: then the call is found under any name.
        blocks: The condition: whether a call would wait, given the call's own arguments; by default it always does. It is
            called on a running loop, so it must not wait itself.
        callers: Patterns of the packages and modules whose calls are guarded; if empty, all are.
        shape: How a callable that is written in C is wrapped. Other shapes than ``"call"`` are for what loops call in every
            iteration, and for locks and files. ``"entering"`` is for Python functions that acquire a lock, and are guarded
            where the project's own code calls them.
        is_optional: Whether some versions or systems lack the callable. For other rules, a missing callable means that its
            module has changed, and is reported as a warning.
        is_static: Whether the rule is for the check alone, as every rule is whose target contains ``*``. At run time, the
            guard stops the calls that such a call makes.

    Raises:
        ConfigurationError: If the target is no dotted name, or one of ``callers`` is malformed.
    """

    target: str
    id: str = ""
    fix: str = ""
    category: str = "other"
    reason: str = ""
    event: str = ""
    blocks: Condition | None = None
    callers: tuple[str, ...] = field(default=(), compare=False)  # rules for one call are one rule, for whatever callers
    shape: Shape = "call"
    is_optional: bool = False
    is_static: bool = False

    def __post_init__(self) -> None:
        if "*" in self.target:
            object.__setattr__(self, "is_static", True)
        if not (_COVERING if self.is_static else _DOTTED).fullmatch(self.target):
            msg = f'{self.target!r} is no target of a blocking call; write module and name, such as "boto3.client"'
            raise ConfigurationError(msg)
        if not self.id:
            object.__setattr__(self, "id", self.target)
        object.__setattr__(self, "callers", Patterns(self.callers).texts)

    def __hash__(
        self,
    ) -> int:  # of the compared fields, those that differ between rules: rules are looked up by the hundred
        return hash((self.target, self.id))
