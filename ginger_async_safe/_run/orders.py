"""What ``ginger-async-safe run`` tells a program's processes, in their environment."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from ginger_async_safe.policy import PolicyName

__all__ = ["Orders", "environment_with"]

_VARIABLE = "GINGER_ASYNC_SAFE_RUN"
_PATH = "PYTHONPATH"
_HOOK = str(Path(__file__).with_name("hook"))


class Orders(NamedTuple):
    """What the processes of a program are to do.

    Attributes:
        environment: The ``sys.prefix`` of the Python that they are for.
        program: What was run, for the report.
        policy: What a violation does; ``None`` leaves that to the settings.
        report: Where the report goes, or ``None``.
        watch: For how many seconds an event loop may stand still before that is reported; ``None`` where nobody looks.
        parts: The directory for what other processes than the first one see; it is there where there is a report.
        first: The id of the first process, which writes the report; ``None`` until it has begun.
    """

    environment: str
    program: list[str]
    policy: PolicyName | None
    watch: float | None
    report: str | None
    parts: str | None
    first: int | None = None

    def begun(self) -> Orders:
        """Have the processes that this one starts know which is the first."""
        if self.first is not None:
            return self
        orders = self._replace(first=os.getpid())
        os.environ[_VARIABLE] = orders._text()
        return orders

    def _text(self) -> str:
        return json.dumps(self._asdict())


def environment_with(orders: Orders) -> dict[str, str]:
    """Return this process's environment, with orders for those that it starts."""
    paths = [each for each in os.environ.get(_PATH, "").split(os.pathsep) if each and each != _HOOK]
    return {**os.environ, _VARIABLE: orders._text(), _PATH: os.pathsep.join([_HOOK, *paths])}
