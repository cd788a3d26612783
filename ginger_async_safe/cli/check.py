"""``ginger-async-safe check``: find blocking calls that async code reaches, by reading the source."""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ginger_async_safe._reporting.baseline import Baseline
from ginger_async_safe._reporting.writing import shown_path, write
from ginger_async_safe.cli.output import show
from ginger_async_safe.cli.progress import Progress
from ginger_async_safe.exceptions import ConfigurationError

if TYPE_CHECKING:
    from ginger_async_safe.lint.check.settings import CheckSettings
    from ginger_async_safe.lint.report.rule_names import Names
    from ginger_async_safe.lint.report.verdict import Verdict

__all__ = ["add_check", "check", "paths_of"]

_FORMATS = ("text", "json", "sarif", "github")


def add_check(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command and its options."""
    parser = commands.add_parser(
        "check",
        help="read source, and print where async code reaches a blocking call",
        description="Read source, without running it, and print each place where async code reaches a blocking call, with "
        "the call chain and the fix. Exit codes: 0 if there is none, 1 if something has to be fixed, 2 if something could not "
        "be read, or for a usage error.",
    )
    parser.add_argument(
        "paths",
        metavar="PATH",
        nargs="*",
        help="a file or folder (default: those in the settings, else the working directory)",
    )
    parser.add_argument("--format", choices=_FORMATS, help="the format of the output (default: text)")
    parser.add_argument("--output", metavar="FILE", help="write the report to FILE (default: print it)")
    parser.add_argument("--select", metavar="RULE[,RULE]", help="report only these rules: ids, categories or patterns")
    parser.add_argument("--ignore", metavar="RULE[,RULE]", help="do not report these rules")
    parser.add_argument("--baseline", metavar="FILE", help="do not report the known findings that FILE lists")
    parser.add_argument(
        "--update-baseline", action="store_true", help="write the findings to the baseline, and remove fixed ones"
    )
    parser.add_argument(
        "--dependencies",
        action=argparse.BooleanOptionalAction,
        help="also read the installed packages that the project uses (default: as in the settings, else not)",
    )
    parser.add_argument(
        "--python",
        metavar="PATH",
        help="read the packages of this interpreter or virtual environment (default: the active one, else .venv in the "
        "project's folder, else the one that the check is installed in); implies --dependencies",
    )
    parser.add_argument("--statistics", action="store_true", help="also print how much was read and resolved")
    parser.add_argument("--no-cache", action="store_true", help="do not use or write the cache")
    parser.add_argument("--explain", metavar="RULE", help="explain a rule, without checking anything")


def check(args: argparse.Namespace) -> int:
    """Check, and print the result.

    Args:
        args: The parsed arguments.

    Returns:
        The exit code: 0, 1 where something has to be fixed, 2 where something could not be read.

    Raises:
        ConfigurationError: Where an argument or a setting cannot be used.
    """
    # Other commands do not need these imports.
    from ginger_async_safe.lint.report.explanations import explain_rules  # noqa: PLC0415

    if args.explain is not None:
        show("".join(f"{line}\n" for line in explain_rules(args.explain)))
        return 0

    from ginger_async_safe.lint.check import engine  # noqa: PLC0415
    from ginger_async_safe.lint.check.settings import project_root, settings_of_file  # noqa: PLC0415
    from ginger_async_safe.lint.report.rule_names import Names  # noqa: PLC0415
    from ginger_async_safe.lint.report.verdict import CheckRequest, verdict_of  # noqa: PLC0415

    settings, root = settings_of_file(), project_root()
    settings = replace(settings, cache=None) if args.no_cache else settings
    settings = _with_dependencies(args, settings)
    paths = paths_of(args.paths, settings, root)
    request = CheckRequest(
        select=_names(Names, "--select", args.select, settings.select),
        ignore=_names(Names, "--ignore", args.ignore, settings.ignore),
        baseline=_baseline(args, settings, root),
        updates=args.update_baseline,
        partial=_why_partial(paths, settings, root),
    )
    with Progress("files read") as progress:
        report = engine.check(paths, root=root, settings=settings, progress=progress, reading=progress.begin_part)
    if not report.statistics.files and not report.unread and any(path.is_dir() for path in paths):
        msg = f"there is no Python file below {', '.join(map(shown_path, paths))}; name a folder or file that has some"
        raise ConfigurationError(msg)
    verdict = verdict_of(report, request)
    text = _rendered(verdict, args, settings, root)
    if args.output is None:
        show(text)
    else:
        write(text, Path(args.output), "--output")
    return verdict.exit_code


def _with_dependencies(args: argparse.Namespace, settings: CheckSettings) -> CheckSettings:
    if args.python is not None:
        settings = replace(settings, dependencies=True, python=str(Path(args.python).absolute()))
    return settings if args.dependencies is None else replace(settings, dependencies=args.dependencies)


def paths_of(names: list[str], settings: CheckSettings, root: Path) -> list[Path]:
    """Return the files and folders to read: the arguments, else the settings' paths, else the working directory.

    Raises:
        ConfigurationError: Where one is not there.
    """
    paths = [Path(name).absolute() for name in names] or [root / path for path in settings.paths] or [Path.cwd()]
    for path in paths:
        if not path.exists():
            source = "" if names else f" (paths from {settings.source})"
            msg = f"there is no file or folder {shown_path(path)}{source}; give one that exists"
            raise ConfigurationError(msg)
    return paths


def _names(names: type[Names], option: str, words: str | None, of_settings: tuple[str, ...]) -> Names:
    if words is None:
        return names(of_settings)
    try:
        return names(words.split(","))
    except ConfigurationError as error:
        msg = f"{option}: {error}"
        raise ConfigurationError(msg) from None


def _baseline(args: argparse.Namespace, settings: CheckSettings, root: Path) -> Baseline | None:
    if args.baseline is not None:
        path = Path(args.baseline).absolute()
    elif settings.baseline is not None:
        path = root / settings.baseline
    elif args.update_baseline:
        msg = (
            "which baseline? Name the file with --baseline=FILE, or with baseline in [tool.ginger_async_safe.check] in "
            "pyproject.toml"
        )
        raise ConfigurationError(msg)
    else:
        return None
    is_new = args.update_baseline and not path.exists()
    return Baseline(path) if is_new else Baseline.read(path, update="--update-baseline")


def _why_partial(paths: list[Path], settings: CheckSettings, root: Path) -> str:
    """Return why a check cannot find unused suppressions and baseline entries; an empty text where it can."""
    covered = [path.resolve() for path in paths]
    for path in [(root / path).resolve() for path in settings.paths] or [root.resolve()]:
        if not any(path.is_relative_to(each) for each in covered):
            return f"the check did not cover all of {shown_path(path)} (paths in [tool.ginger_async_safe.check] can name less)"
    return ""


def _rendered(verdict: Verdict, args: argparse.Namespace, settings: CheckSettings, root: Path) -> str:
    from ginger_async_safe.lint.report.formats.github import as_commands  # noqa: PLC0415
    from ginger_async_safe.lint.report.formats.plain import as_json  # noqa: PLC0415
    from ginger_async_safe.lint.report.formats.sarif import as_sarif  # noqa: PLC0415
    from ginger_async_safe.lint.report.formats.text import as_text  # noqa: PLC0415

    form = args.format or settings.format
    if form == "json":
        return as_json(verdict)
    if form == "sarif":
        return as_sarif(verdict, root)
    if form == "github":
        return as_commands(verdict)
    return as_text(verdict, colour=args.output is None and _is_colourful(), statistics=args.statistics)


def _is_colourful() -> bool:
    """Return whether standard output shows colours and they are not turned off: https://no-color.org."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
