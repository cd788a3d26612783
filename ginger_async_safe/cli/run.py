"""Running a program with the built-in rules enabled, without changes to its code."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from ginger_async_safe._config import settings
from ginger_async_safe._run.options import RunOptions, environment_with
from ginger_async_safe.blocking.selection import choice_of_file, selected
from ginger_async_safe.cli.first_party import packages_of
from ginger_async_safe.cli.programs import arguments_for_python, options_of_this_python
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
    """Replace this process by a program, in which the rules are enabled, as in the Python processes that it starts.

    Arguments, exit code and signals are the program's own. Options of the Python that runs this command, such as
    ``-W error``, are passed on.

    Args:
        program: The command line of the program.
        policy: What a violation does. By default, violations are allowed if there is a report, and are left to the
            settings otherwise.
        report: The file to write the report to when the program ends: ``.html`` or ``.json``.
        watch: For how many seconds an event loop may be blocked before that is logged; ``None`` for no watch.

    Returns:
        The program's exit code, on a system where a process cannot replace itself by another.

    Raises:
        ProgramError: If there is no such program.
        ConfigurationError: If the settings, the name of the report or the seconds of the watch are invalid.
    """
    arguments = [sys.executable, *options_of_this_python(sys.orig_argv), *arguments_for_python(program)]
    for key in settings.KEYS:
        settings.current(key)
    selected(choice_of_file())
    if watch is not None:
        from ginger_async_safe.monitor import watch_loops  # noqa: PLC0415 - few commands need it

        watch_loops(watch).stop()  # it raises an error if the watch is impossible
    options = RunOptions(
        environment=sys.prefix,
        program=[*program],
        first_party=packages_of(program),
        policy=policy,
        watch=watch,
        report=None if report is None else str(_checked(report)),
        parts=None if report is None else tempfile.mkdtemp(prefix="ginger-async-safe-"),
    )
    environment = environment_with(options)
    if os.name != "nt":
        sys.stdout.flush()
        sys.stderr.flush()
        os.execve(sys.executable, arguments, environment)  # noqa: S606 - the user's own command
    return subprocess.run(arguments, env=environment, check=False).returncode  # noqa: S603 - on Windows, exec returns at once


def _checked(report: str) -> Path:
    path = Path(report).absolute()
    if path.suffix not in _SUFFIXES:
        msg = f"--report={report}: the name of the file must end with {' or '.join(_SUFFIXES)}"
        raise ConfigurationError(msg)
    if path.is_dir():
        msg = f"--report={report} is a directory; name a file in it"
        raise ConfigurationError(msg)
    return path
