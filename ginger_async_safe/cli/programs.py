"""Finding the Python program that words name, as a shell and Python themselves would."""

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

__all__ = ["ProgramError", "arguments_for_python"]

_PYTHON = re.compile(r"(python|pypy)[\d.]*(\.exe)?", re.IGNORECASE)
_FILES_OF_PYTHON = (".py", ".pyw", ".pyc", ".pyz")
_DEAF = re.compile(r"-[bBdhiOPqRsuvVx?]*[EIS]\w*")
_TAKES_A_WORD = re.compile(r"-[bBdhiOPqRsuvVx?]*[WX]")
_LAST_OPTION = re.compile(r"-|--|-[bBdhiOPqRsuvVx?]*[cm].*")
_LONGEST = 4096  # bytes of a line that names an interpreter
_ENTRY_POINT = "import sys; from {module} import {first}; sys.argv[0] = {name!r}; sys.exit({attribute}())"


class ProgramError(Exception):
    """There is no such program, or it is not one that rules can hold in."""


def arguments_for_python(words: Sequence[str]) -> list[str]:
    """Return what to call this environment's Python with, to run a program.

    Args:
        words: Options of Python, among them ``-m`` with a module; or a file; or the name of a command; and arguments.

    Raises:
        ProgramError: Where that is no Python program of this environment.
    """
    if not words:
        msg = "which program? Write it after --, as in: ginger-async-safe run -- uvicorn shop.asgi:application"
        raise ProgramError(msg)
    program, *rest = words
    if program.startswith("-"):
        return _checked_options(words)
    if program.lower().endswith(_FILES_OF_PYTHON):
        return [*words]
    if Path(program).name != program:
        return _of_file(program, rest)
    return _of_command(program, rest)


def _checked_options(words: Sequence[str]) -> list[str]:
    """Refuse options with which Python does not read its environment: the rules get in through that."""
    left = iter(words)
    for word in left:
        if not word.startswith("-") or _LAST_OPTION.fullmatch(word):
            break
        if _DEAF.fullmatch(word):
            msg = (
                f"with {word}, Python reads nothing of its environment, through which the rules get in; leave that out"
            )
            raise ProgramError(msg)
        if _TAKES_A_WORD.fullmatch(word):
            next(left, None)
    return [*words]


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
            f"there is no program {name!r}, neither in this environment ({sys.prefix}) nor on PATH; "
            "install it here, or name a file, or -m and a module"
        )
        raise ProgramError(msg)
    return _of_file(found, rest)


def _of_file(program: str, rest: Sequence[str]) -> list[str]:
    path = Path(program)
    if not path.is_file():
        return [program, *rest]  # Python knows what to make of a directory, and what to say where there is nothing
    if _PYTHON.fullmatch(path.name):
        _refuse_other_environment(path, program)
        return arguments_for_python(rest) if rest else []
    interpreter = _interpreter_of(path)
    if interpreter is None or not _PYTHON.fullmatch(Path(interpreter).name):
        msg = f"{path} is no Python program, and the rules hold in Python alone; name the Python program that it starts"
        raise ProgramError(msg)
    _refuse_other_environment(path, interpreter)
    return [program, *rest]


def _interpreter_of(path: Path) -> str | None:
    """Return what a script says that it runs with: in its first line, or in the second where the first is a shell's."""
    with path.open("rb") as script:
        first, second = script.readline(_LONGEST), script.readline(_LONGEST)
    if not first.startswith(b"#!"):
        return None
    words = os.fsdecode(first[2:]).split()
    if second.startswith(b"'''exec'"):  # as pip writes it where the path is long
        words = shlex.split(os.fsdecode(second))[1:]
    if words and Path(words[0]).name == "env":
        words = [word for word in words[1:] if not word.startswith("-") and "=" not in word]
    return words[0] if words else None


def _refuse_other_environment(path: Path, interpreter: str) -> None:
    mine, theirs = Path(sys.executable).parent, Path(interpreter).parent
    if Path(interpreter).name == interpreter or mine == theirs or (theirs.exists() and mine.samefile(theirs)):
        return  # any Python will do, or it is ours
    msg = (
        f"{path} runs with {interpreter}, and this command with {sys.executable}; "
        "install ginger-async-safe there, and run it from there"
    )
    raise ProgramError(msg)
