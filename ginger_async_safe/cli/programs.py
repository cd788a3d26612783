"""Finding the Python program of a command line, as a shell and Python would."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import sys
import sysconfig
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["ProgramError", "arguments_for_python", "options_of_this_python"]

_PYTHON = re.compile(r"(python|pypy)[\d.]*(\.exe)?", re.IGNORECASE)
_FILES_OF_PYTHON = (".py", ".pyw", ".pyc", ".pyz")
_IGNORES_ENVIRONMENT = re.compile(r"-[bBdhiOPqRsuvVx?]*[EIS]\w*")
_TAKES_A_VALUE = re.compile(r"-[bBdhiOPqRsuvVx?]*[WX]")
_LAST_OPTION = re.compile(r"-|--|-(?P<flags>[bBdhiOPqRsuvVx?]*)[cm].*")
_LONGEST = 4096  # bytes of a line that names an interpreter
_ENTRY_POINT = "import sys; from {module} import {first}; sys.argv[0] = {name!r}; sys.exit({attribute}())"


class ProgramError(Exception):
    """There is no such program, or the rules cannot be enabled in it."""


def arguments_for_python(args: Sequence[str]) -> list[str]:
    """Return the arguments with which this environment's Python runs a program.

    Args:
        args: The command line of the program: options of Python such as ``-m`` with a module, a file, or the name of a
            command; followed by its arguments.

    Raises:
        ProgramError: If it is not a Python program of this environment.
    """
    if not args:
        msg = "no program is given; write it after --, as in: ginger-async-safe run -- uvicorn shop.asgi:application"
        raise ProgramError(msg)
    program, *rest = args
    if program.startswith("-"):
        return _checked_options(args)
    if program.lower().endswith(_FILES_OF_PYTHON):
        return [*args]
    if Path(program).name != program:
        return _of_file(program, rest)
    return _of_command(program, rest)


def options_of_this_python(args: Sequence[str]) -> list[str]:
    """Return the options that Python was started with, such as ``-W error``, which are passed on to the program.

    Args:
        args: The command line of Python, as in ``sys.orig_argv``.

    Raises:
        ProgramError: If one of the options makes Python ignore its environment.
    """
    options: list[str] = []
    left = iter(args[1:])
    for arg in left:
        if not arg.startswith("-"):
            break
        last = _LAST_OPTION.fullmatch(arg)
        if last is not None:
            options += [f"-{last['flags']}"] if last["flags"] else []
            break
        options.append(arg)
        if _TAKES_A_VALUE.fullmatch(arg):
            options.append(next(left, ""))
    return _checked_options(options)


def _checked_options(args: Sequence[str]) -> list[str]:
    """Refuse options that make Python ignore its environment: the rules are enabled through ``PYTHONPATH``."""
    left = iter(args)
    for arg in left:
        if not arg.startswith("-") or _LAST_OPTION.fullmatch(arg):
            break
        if _IGNORES_ENVIRONMENT.fullmatch(arg):
            msg = f"{arg} makes Python ignore its environment, through which the rules are enabled; leave it out"
            raise ProgramError(msg)
        if _TAKES_A_VALUE.fullmatch(arg):
            next(left, None)
    return [*args]


def _of_command(name: str, rest: Sequence[str]) -> list[str]:
    """Find a command: in this environment first, whose Python runs, then wherever a shell would."""
    here = shutil.which(name, path=os.pathsep.join([str(Path(sys.executable).parent), sysconfig.get_path("scripts")]))
    if here is not None and _interpreter_of(Path(here)) is not None:
        return _of_file(here, rest)
    for entry_point in entry_points(group="console_scripts", name=name):
        first = entry_point.attr.partition(".")[0]
        code = _ENTRY_POINT.format(module=entry_point.module, first=first, name=name, attribute=entry_point.attr)
        return ["-c", code, *rest]
    found = here or shutil.which(name) or name
    if not Path(found).exists():
        msg = (
            f"there is no program {name!r} in this environment ({sys.prefix}) or on PATH; "
            "install it here, or name a file, or -m and a module"
        )
        raise ProgramError(msg)
    return _of_file(found, rest)


def _of_file(program: str, rest: Sequence[str]) -> list[str]:
    path = Path(program)
    if not path.is_file():
        return [program, *rest]  # Python runs directories, and reports missing files
    if _PYTHON.fullmatch(path.name):
        _refuse_other_environment(path, program)
        return arguments_for_python(rest) if rest else []
    interpreter = _interpreter_of(path)
    if interpreter is None or not _PYTHON.fullmatch(Path(interpreter).name):
        msg = (
            f"{path} is not a Python program; name the Python program that it starts, in which the rules can be enabled"
        )
        raise ProgramError(msg)
    _refuse_other_environment(path, interpreter)
    return [program, *rest]


def _interpreter_of(path: Path) -> str | None:
    """Return the interpreter of a script: from its first line, or from the second if the first names a shell."""
    with path.open("rb") as script:
        first, second = script.readline(_LONGEST), script.readline(_LONGEST)
    if not first.startswith(b"#!"):
        return None
    args = os.fsdecode(first[2:]).split()
    if second.startswith(b"'''exec'"):  # pip writes this for a long path
        args = shlex.split(os.fsdecode(second))[1:]
    if args and Path(args[0]).name == "env":
        args = [arg for arg in args[1:] if not arg.startswith("-") and "=" not in arg]
    return args[0] if args else None


def _refuse_other_environment(path: Path, interpreter: str) -> None:
    mine, theirs = Path(sys.executable).parent, Path(interpreter).parent
    if Path(interpreter).name == interpreter or mine == theirs or (theirs.exists() and mine.samefile(theirs)):
        return  # any Python on PATH, or this one
    msg = (
        f"{path} runs with {interpreter}, and this command with {sys.executable}; "
        "install ginger-async-safe there, and run it from there"
    )
    raise ProgramError(msg)
