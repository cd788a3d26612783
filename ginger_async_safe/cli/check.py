"""Reading a project's source for async code that reaches a blocking call."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ginger_async_safe._baseline import Baseline
from ginger_async_safe._reporting.writing import shown_path, write
from ginger_async_safe.cli.output import show
from ginger_async_safe.cli.progress import Progress
from ginger_async_safe.exceptions import ConfigurationError

if TYPE_CHECKING:
    import argparse

    from ginger_async_safe.lint.rule_names import Names
    from ginger_async_safe.lint.settings import CheckSettings
    from ginger_async_safe.lint.verdict import Verdict

__all__ = ["add_check", "asked_paths", "check"]

_FORMATS = ("text", "json", "sarif", "github")


def add_check(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the words of the command."""
    parser = commands.add_parser(
        "check",
        help="read source, and print where async code reaches a blocking call",
        description="Read source, without running it, and print each place where async code reaches a blocking call, with "
        "the way there and what to write instead. Ends with 0 where there is none, 1 where something is to be mended, 2 where "
        "something could not be read.",
    )
    parser.add_argument("paths", metavar="PATH", nargs="*", help="a file or folder (default: the settings', or here)")
    parser.add_argument("--format", choices=_FORMATS, help="how to tell it (default: text)")
    parser.add_argument("--output", metavar="FILE", help="write it into FILE (default: print it)")
    parser.add_argument("--select", metavar="RULE[,RULE]", help="report these rules alone; ids, categories or patterns")
    parser.add_argument("--ignore", metavar="RULE[,RULE]", help="do not report these rules")
    parser.add_argument("--baseline", metavar="FILE", help="let the findings pass that FILE lists")
    parser.add_argument("--update-baseline", action="store_true", help="write that file anew")
    parser.add_argument("--statistics", action="store_true", help="tell what was read and resolved, too")
    parser.add_argument("--no-cache", action="store_true", help="read all anew, and keep nothing for the next time")
    parser.add_argument("--explain", metavar="RULE", help="tell all of a rule, and check nothing")


def check(asked: argparse.Namespace) -> int:
    """Check, and tell what was found.

    Args:
        asked: What the words say.

    Returns:
        The exit code: 0, 1 where something is to be mended, 2 where something could not be read.

    Raises:
        ConfigurationError: Where what is asked for, or a setting, cannot be used.
    """
    # Other commands do without all this.
    from ginger_async_safe.lint.explaining import explained  # noqa: PLC0415

    if asked.explain is not None:
        show("".join(f"{line}\n" for line in explained(asked.explain)))
        return 0

    from ginger_async_safe.lint import engine  # noqa: PLC0415
    from ginger_async_safe.lint.rule_names import Names  # noqa: PLC0415
    from ginger_async_safe.lint.settings import project_root, settings_of_file  # noqa: PLC0415
    from ginger_async_safe.lint.verdict import Asked, judge  # noqa: PLC0415

    settings, root = settings_of_file(), project_root()
    settings = replace(settings, cache=None) if asked.no_cache else settings
    paths = asked_paths(asked.paths, settings, root)
    order = Asked(
        select=_names(Names, "--select", asked.select, settings.select),
        ignore=_names(Names, "--ignore", asked.ignore, settings.ignore),
        baseline=_baseline(asked, settings, root),
        updates=asked.update_baseline,
        partial=_why_partial(paths, settings, root),
    )
    with Progress("files read") as progress:
        report = engine.check(paths, root=root, settings=settings, progress=progress)
    if not report.statistics.files and not report.unread and any(path.is_dir() for path in paths):
        msg = f"there is no Python file below {', '.join(map(shown_path, paths))}; name a folder or file that has some"
        raise ConfigurationError(msg)
    verdict = judge(report, order)
    text = _told(verdict, asked, settings, root)
    if asked.output is None:
        show(text)
    else:
        write(text, Path(asked.output), "--output")
    return verdict.exit_code


def asked_paths(words: list[str], settings: CheckSettings, root: Path) -> list[Path]:
    """Return the files and folders to read: those that the words name, else the settings', else the working directory.

    Raises:
        ConfigurationError: Where one is not there.
    """
    paths = [Path(word).absolute() for word in words] or [root / path for path in settings.paths] or [Path.cwd()]
    for path in paths:
        if not path.exists():
            source = "" if words else f" (paths from {settings.source})"
            msg = f"there is no file or folder {shown_path(path)}{source}; name one that is there"
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


def _baseline(asked: argparse.Namespace, settings: CheckSettings, root: Path) -> Baseline | None:
    if asked.baseline is not None:
        path = Path(asked.baseline).absolute()
    elif settings.baseline is not None:
        path = root / settings.baseline
    elif asked.update_baseline:
        msg = (
            "which baseline? Name the file with --baseline=FILE, or with baseline in [tool.ginger_async_safe.check] in "
            "pyproject.toml"
        )
        raise ConfigurationError(msg)
    else:
        return None
    is_new = asked.update_baseline and not path.exists()
    return Baseline(path) if is_new else Baseline.read(path, update="--update-baseline")


def _why_partial(paths: list[Path], settings: CheckSettings, root: Path) -> str:
    """Say why a check cannot tell what is no longer needed; nothing where it can."""
    asked = [path.resolve() for path in paths]
    for path in [(root / path).resolve() for path in settings.paths] or [root.resolve()]:
        if not any(path.is_relative_to(each) for each in asked):
            return f"the check covers not all of {shown_path(path)} (paths in [tool.ginger_async_safe.check] may name less)"
    return ""


def _told(verdict: Verdict, asked: argparse.Namespace, settings: CheckSettings, root: Path) -> str:
    from ginger_async_safe.lint.formats.github import as_commands  # noqa: PLC0415
    from ginger_async_safe.lint.formats.plain import as_json  # noqa: PLC0415
    from ginger_async_safe.lint.formats.sarif import as_sarif  # noqa: PLC0415
    from ginger_async_safe.lint.formats.text import as_text  # noqa: PLC0415

    form = asked.format or settings.format
    if form == "json":
        return as_json(verdict)
    if form == "sarif":
        return as_sarif(verdict, root)
    if form == "github":
        return as_commands(verdict)
    return as_text(verdict, colour=asked.output is None and _is_colourful(), statistics=asked.statistics)


def _is_colourful() -> bool:
    """Tell whether standard output shows colours, and nobody minds: https://no-color.org."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
