"""The options of ``ginger-async-safe run``, which the program's processes read from their environment."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from ginger_async_safe.policy import PolicyName

__all__ = ["RunOptions", "environment_with"]

_VARIABLE = "GINGER_ASYNC_SAFE_RUN"
_PATH = "PYTHONPATH"
_HOOK = str(Path(__file__).with_name("hook"))


class RunOptions(NamedTuple):
    """The options for the processes of a program.

    Attributes:
        environment: The ``sys.prefix`` of the Python that they are for; other Pythons ignore them.
        program: The command line of the program, for the report.
        first_party: Packages that count as first party.
        policy: What a violation does; ``None`` leaves that to the settings.
        report: The file of the report, or ``None``.
        watch: For how many seconds an event loop may be blocked before that is logged; ``None`` for no watch.
        parts: The directory for the records of all processes but the first one; ``None`` without a report.
        first: The id of the first process, which writes the report; ``None`` until it has started.
    """

    environment: str
    program: list[str]
    first_party: list[str]
    policy: PolicyName | None
    watch: float | None
    report: str | None
    parts: str | None
    first: int | None = None

    def with_first(self) -> RunOptions:
        """Return the options with the first process; if that is this one, pass its id on to the processes it starts."""
        if self.first is not None:
            return self
        options = self._replace(first=os.getpid())
        os.environ[_VARIABLE] = options._text()
        return options

    def _text(self) -> str:
        return json.dumps(self._asdict())


def environment_with(options: RunOptions) -> dict[str, str]:
    """Return the environment for a program: this process's, with the options and the hook that reads them."""
    paths = [each for each in os.environ.get(_PATH, "").split(os.pathsep) if each and each != _HOOK]
    return {**os.environ, _VARIABLE: options._text(), _PATH: os.pathsep.join([_HOOK, *paths])}
