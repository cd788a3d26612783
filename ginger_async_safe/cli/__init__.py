"""The command ``ginger-async-safe``."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from ginger_async_safe import _settings
from ginger_async_safe._explain import explain
from ginger_async_safe._version import __version__
from ginger_async_safe.blocking.listing import rule_details, rule_lines
from ginger_async_safe.cli.check import add_check, check
from ginger_async_safe.cli.export import add_export, export
from ginger_async_safe.cli.output import die_interrupted, discard
from ginger_async_safe.cli.programs import ProgramError
from ginger_async_safe.cli.project import load_project
from ginger_async_safe.cli.run import run
from ginger_async_safe.cli.startproject import FRAMEWORKS, ProjectError, startproject
from ginger_async_safe.exceptions import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]

PROGRAM = "ginger-async-safe"
_WATCHED_FOR = 0.1  # seconds, as watch_loops() has it


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Args:
        arguments: The words after the command's name; those of the process where they are not given.

    Returns:
        The exit code: 0, or 1 where what was asked for could not be done. ``check`` returns 1 where something is to be
        mended, and 2 where something could not be read or done. ``run`` does not return, but ends as the program does.

    Raises:
        SystemExit: With code 2 where the words make no sense, with 0 after ``--help`` and ``--version``.
    """
    ours, theirs = _parted(sys.argv[1:] if arguments is None else arguments)
    asked = _parser().parse_args(ours)
    try:
        if asked.command == "run":
            return run(
                [*asked.program, *(theirs if asked.program else theirs[1:])], asked.policy, asked.report, asked.watch
            )
        if asked.command == "check":
            return check(asked)
        if asked.command == "export":
            return export(asked)
        if asked.command == "startproject":
            print(startproject(asked.name, asked.directory, asked.framework))
        elif asked.command == "rules":
            print("\n".join(rule_lines() if asked.rule is None else rule_details(asked.rule)))
        else:
            try:
                load_project()
            finally:
                explain()
        sys.stdout.flush()
    except BrokenPipeError:  # whoever read the output, such as head, has enough
        discard()
        return 1
    except KeyboardInterrupt:
        if asked.command not in {"check", "export"}:
            raise
        die_interrupted()
    except (ConfigurationError, ProgramError, ProjectError) as error:
        print(f"{PROGRAM}: {error}", file=sys.stderr)
        return 2 if asked.command in {"check", "export"} else 1  # to the check, 1 is a finding
    return 0


def _parted(words: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    """Part our own words from ``--`` and a program to run, in whose words argparse would look for options of ours."""
    at = words.index("--") if words[:1] == ["run"] and "--" in words else len(words)
    return words[:at], words[at:]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=PROGRAM, description="Guard a program's event loops against blocking code.")
    parser.add_argument("--version", action="version", version=f"{PROGRAM} {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    project = commands.add_parser(
        "startproject",
        help="write a small project that any ASGI server serves",
        description="Write a small project that any ASGI server serves, into DIRECTORY/NAME.",
    )
    project.add_argument("name", metavar="NAME", help="the name of the project, which is a Python package")
    project.add_argument(
        "directory", metavar="DIRECTORY", nargs="?", default=".", help="where to write it (default: here)"
    )
    project.add_argument(
        "--framework",
        choices=sorted(FRAMEWORKS),
        help="write a project of this framework, with manage.py, models and a migration (default: none is needed)",
    )
    program = commands.add_parser(
        "run",
        help="run a program with the rules for blocking calls in force",
        description="Run a Python program with the rules for blocking calls in force, without touching its code. Its "
        "arguments, exit code and signals are its own.",
        usage="%(prog)s [-h] [--report FILE] [--policy POLICY] [--watch [SECONDS]] -- PROGRAM [ARGUMENT ...]",
    )
    program.add_argument(
        "--report",
        metavar="FILE",
        help="write what was found into FILE, .html or .json, when the program has ended; without --policy, let it run",
    )
    program.add_argument(
        "--policy",
        choices=_settings.POLICIES,
        help="what a violation does (default: with --report it runs and is reported, else what the settings say)",
    )
    program.add_argument(
        "--watch",
        metavar="SECONDS",
        nargs="?",
        type=float,
        const=_WATCHED_FOR,
        help=f"log where an event loop stands still for so long, whatever it is that it does (default: {_WATCHED_FOR})",
    )
    program.add_argument(
        "program",
        metavar="PROGRAM",
        nargs=argparse.REMAINDER,
        help="a command, a file, -m and a module, or anything else that may follow python; and its arguments",
    )
    rules = commands.add_parser(
        "rules",
        help="list the blocking calls that guard_blocking_calls() covers",
        description="List the rules for blocking calls that nobody marked: id, category, why the call blocks, and what to "
        "write instead.",
    )
    rules.add_argument(
        "rule", metavar="RULE", nargs="?", help="tell all of this rule, or of those that a pattern matches"
    )
    add_check(commands)
    add_export(commands)
    commands.add_parser(
        "explain",
        help="print the settings in force, and where each comes from",
        description="Print the settings in force in this directory and environment, and where each comes from.",
    )
    return parser
