"""The options of ``ginger-async-safe check``."""

from __future__ import annotations

import argparse

__all__ = ["STDIN", "add_check"]

STDIN = "-"
"""The path that stands for standard input."""

_FORMATS = ("text", "concise", "json", "sarif", "github")


def add_check(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command and its options."""
    parser = commands.add_parser(
        "check",
        help="read source, and print where async code reaches a blocking call",
        description="Read source, without running it, and print each place where async code reaches a blocking call, with "
        "the call chain and the fix. Exit codes: 0 if there is none, 1 if something has to be fixed, 2 if something could not "
        "be read, or for a usage error.",
    )
    _add_what(parser.add_argument_group("what is checked"))
    _add_which(parser.add_argument_group("which findings are reported"))
    _add_how(parser.add_argument_group("how they are reported"))
    parser.add_argument("--no-cache", action="store_true", help="do not use or write the cache")
    parser.add_argument("--explain", metavar="RULE", help="explain a rule, without checking anything")


def _add_what(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "paths",
        metavar="PATH",
        nargs="*",
        help="a file or folder, of which the findings are reported, or - for standard input; the rest of the project is read "
        "as well (default: the paths in the settings, else the working directory)",
    )
    group.add_argument("--stdin-filename", metavar="FILE", help="the file that standard input is the content of")
    group.add_argument(
        "--exclude",
        metavar="GLOB[,GLOB]",
        action="append",
        default=[],
        help="do not read these files and folders, beside those that the settings exclude",
    )
    group.add_argument(
        "--changed",
        metavar="REF",
        nargs="?",
        const="HEAD",
        help="report only call chains through files that git says have changed since REF (default: HEAD)",
    )
    group.add_argument(
        "--dependencies",
        action=argparse.BooleanOptionalAction,
        help="also read the installed packages that the project uses (default: as in the settings, else not)",
    )
    group.add_argument(
        "--python",
        metavar="PATH",
        help="read the packages of this interpreter or virtual environment (default: the active one, else .venv in the "
        "project's folder, else the one that the check is installed in); implies --dependencies",
    )
    group.add_argument("--watch", action="store_true", help="check again whenever a file changes, until interrupted")


def _add_which(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--select", metavar="RULE[,RULE]", help="report only these rules: ids, categories or patterns")
    group.add_argument("--ignore", metavar="RULE[,RULE]", help="do not report these rules")
    group.add_argument("--baseline", metavar="FILE", help="do not report the known findings that FILE lists")
    group.add_argument(
        "--update-baseline", action="store_true", help="write the findings to the baseline, and remove fixed ones"
    )
    group.add_argument(
        "--add-suppressions",
        action="store_true",
        help="write a suppression comment above each line that has findings, instead of reporting them",
    )
    group.add_argument("--reason", metavar="TEXT", help="the reason in comments that --add-suppressions writes")


def _add_how(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--format", "--output-format", choices=_FORMATS, help="the format of the output (default: text)")
    group.add_argument("--output", metavar="FILE", help="write the report to FILE (default: print it)")
    group.add_argument("--statistics", action="store_true", help="also print how much was read and resolved")
    group.add_argument(
        "--exit-zero", action="store_true", help="exit with 0 if something has to be fixed; errors still exit with 2"
    )
