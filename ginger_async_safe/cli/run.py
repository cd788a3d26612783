"""Running a program with the rules in force, without touching its code."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from ginger_async_safe import _settings
from ginger_async_safe._run.orders import Orders, environment_with
from ginger_async_safe.blocking.selection import choice_of_file, selected
from ginger_async_safe.cli.programs import arguments_for_python
from ginger_async_safe.exceptions import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ginger_async_safe.policy import PolicyName

__all__ = ["run"]

_SUFFIXES = (".html", ".json")


def run(
    program: Sequence[str],
    policy: PolicyName | None = None,
    report: str | None = None,
    watch: float | None = None,
) -> int:
    """Become a program, in which the rules are in force, and in the Python processes that it starts.

    It is Python itself that runs the program: its arguments, exit code and signals are the program's own.

    Args:
        program: The program's words.
        policy: What a violation does. Where it is not given, a violation runs if there is a report, and is left to the
            settings if there is none.
        report: Where to write what was found, once the program has ended: a file for people, ``.html``, or for machines,
            ``.json``.
        watch: For how many seconds an event loop may stand still before that is logged; nobody looks where it is not given.

    Returns:
        The program's exit code, on a system where a process cannot become another one.

    Raises:
        ProgramError: Where there is no such program.
        ConfigurationError: Where the settings, the report's name, or the time to watch for, cannot be used.
    """
    arguments = [sys.executable, *arguments_for_python(program)]
    for key in _settings.KEYS:
        _settings.current(key)
    selected(choice_of_file())
    if watch is not None:
        from ginger_async_safe.monitor import watch_loops  # noqa: PLC0415 - few commands need it

        watch_loops(watch).stop()  # which refuses what cannot be watched
    orders = Orders(
        environment=sys.prefix,
        program=[*program],
        policy=policy,
        watch=watch,
        report=None if report is None else str(_checked(report)),
        parts=None if report is None else tempfile.mkdtemp(prefix="ginger-async-safe-"),
    )
    environment = environment_with(orders)
    if os.name != "nt":
        sys.stdout.flush()
        sys.stderr.flush()
        os.execve(sys.executable, arguments, environment)  # noqa: S606 - that is what is asked for
    return subprocess.run(arguments, env=environment, check=False).returncode  # noqa: S603 - there, exec would return


def _checked(report: str) -> Path:
    path = Path(report).absolute()
    if path.suffix not in _SUFFIXES:
        msg = f"--report={report}: name a file that ends with {' or '.join(_SUFFIXES)}"
        raise ConfigurationError(msg)
    if path.is_dir():
        msg = f"--report={report} is a directory; name a file in it"
        raise ConfigurationError(msg)
    return path
