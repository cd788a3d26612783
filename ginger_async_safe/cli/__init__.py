"""The command ``ginger-async-safe``."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from ginger_async_safe._config import settings
from ginger_async_safe._runtime.modules import resolve_own
from ginger_async_safe._version import __version__

# The functions are renamed, because a submodule replaces a lazily imported attribute of the same name.
from ginger_async_safe.cli.check import check as run_check
from ginger_async_safe.cli.check_options import add_check
from ginger_async_safe.cli.export import add_export
from ginger_async_safe.cli.export import export as run_export
from ginger_async_safe.cli.output import die_interrupted, discard
from ginger_async_safe.cli.programs import ProgramError
from ginger_async_safe.cli.project import load_project
from ginger_async_safe.cli.run import run as run_program
from ginger_async_safe.cli.startproject import FRAMEWORKS, ProjectError
from ginger_async_safe.cli.startproject import startproject as make_project
from ginger_async_safe.exceptions import ConfigurationError
from ginger_async_safe.policy import explain

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]

PROGRAM = "ginger-async-safe"
_WATCHED_FOR = 0.1  # seconds, as watch_loops() has it


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Args:
        arguments: The command-line arguments after the program's name; ``sys.argv[1:]`` by default.

    Returns:
        The exit code: 0, or 1 if the command failed. ``check`` returns 1 if it has findings, and 2 if something could not
        be read, or the command failed. ``run`` does not return: its process is replaced by the program.

    Raises:
        SystemExit: With exit code 2 for a usage error, with 0 after ``--help`` and ``--version``.
    """
    resolve_own()  # modules register what explain() prints of them when they are imported
    ours, theirs = _split(sys.argv[1:] if arguments is None else arguments)
    args = _parser().parse_args(ours)
    try:
        if args.command == "run":
            return run_program(
                [*args.program, *(theirs if args.program else theirs[1:])], args.policy, args.report, args.watch
            )
        if args.command == "check":
            return run_check(args)
        if args.command == "export":
            return run_export(args)
        if args.command == "startproject":
            print(make_project(args.name, args.directory, args.framework))
        elif args.command == "rules":
            from ginger_async_safe.lint.report.explanations import details, overview  # noqa: PLC0415 - no other command needs it

            print("\n".join(overview() if args.rule is None else details(args.rule)))
        else:
            import ginger_async_safe.asgi  # noqa: F401, PLC0415 - it adds lines to explain(), which no other command needs

            try:
                load_project()
            finally:
                explain()
        sys.stdout.flush()
    except BrokenPipeError:  # the reader, such as head, has closed the pipe
        discard()
        return 1
    except KeyboardInterrupt:
        if args.command not in {"check", "export"}:
            raise
        die_interrupted()
    except (ConfigurationError, ProgramError, ProjectError) as error:
        print(f"{PROGRAM}: {error}", file=sys.stderr)
        return 2 if args.command in {"check", "export"} else 1  # for these two, 1 means findings
    return 0


def _split(arguments: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    """Split the arguments before ``--`` and the program to run: argparse would take the program's options for ours."""
    at = arguments.index("--") if arguments[:1] == ["run"] and "--" in arguments else len(arguments)
    return arguments[:at], arguments[at:]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=PROGRAM, description="Guard a program's event loops against blocking code.")
    parser.add_argument("--version", action="version", version=f"{PROGRAM} {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    project = commands.add_parser(
        "startproject",
        help="create a small project for any ASGI server",
        description="Create a small project for any ASGI server, in DIRECTORY/NAME.",
    )
    project.add_argument("name", metavar="NAME", help="the name of the project's Python package")
    project.add_argument(
        "directory",
        metavar="DIRECTORY",
        nargs="?",
        default=".",
        help="where to create it (default: the current directory)",
    )
    project.add_argument(
        "--framework",
        choices=sorted(FRAMEWORKS),
        help="create a project of this framework, with manage.py, models and a migration (default: plain WSGI)",
    )
    program = commands.add_parser(
        "run",
        help="run a program with the built-in rules enabled",
        description="Run a Python program with the built-in rules for unmarked blocking calls enabled, without changes to "
        "its code. Arguments, exit code and signals are the program's own.",
        usage="%(prog)s [-h] [--report FILE] [--policy POLICY] [--watch [SECONDS]] -- PROGRAM [ARGUMENT ...]",
    )
    program.add_argument(
        "--report",
        metavar="FILE",
        help="when the program ends, write a report to FILE (.html or .json); implies --policy ignore",
    )
    program.add_argument(
        "--policy",
        choices=settings.POLICIES,
        help="what a violation does (default: ignore with --report, else the policy in the settings)",
    )
    program.add_argument(
        "--watch",
        metavar="SECONDS",
        nargs="?",
        type=float,
        const=_WATCHED_FOR,
        help=f"log where an event loop is blocked for longer than this, for any reason (default: {_WATCHED_FOR})",
    )
    program.add_argument(
        "program",
        metavar="PROGRAM",
        nargs=argparse.REMAINDER,
        help="a command, a file, or options of python such as -m with a module; its arguments follow",
    )
    rules = commands.add_parser(
        "rules",
        help="list the built-in rules for unmarked blocking calls, and those of the ORM",
        description="List the built-in rules for unmarked blocking calls, and those of the ORM: id, category, why the call "
        "blocks, and the fix.",
    )
    rules.add_argument(
        "rule", metavar="RULE", nargs="?", help="show the details of this rule, or of the rules that a pattern matches"
    )
    add_check(commands)
    add_export(commands)
    commands.add_parser(
        "explain",
        help="print the settings in force, and where each comes from",
        description="Print the settings in force in this directory and environment, and where each comes from.",
    )
    return parser
