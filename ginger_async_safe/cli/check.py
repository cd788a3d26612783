"""``ginger-async-safe check``: find blocking calls that async code reaches, by reading the source."""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ginger_async_safe._reporting.baseline import Baseline
from ginger_async_safe._reporting.ledger import number
from ginger_async_safe._reporting.writing import shown_path, write
from ginger_async_safe.cli.check_inputs import inputs_of
from ginger_async_safe.cli.output import say, show
from ginger_async_safe.cli.progress import Progress
from ginger_async_safe.cli.watching import state_of, watch
from ginger_async_safe.exceptions import ConfigurationError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Mapping
    from typing import NoReturn

    from ginger_async_safe.cli.check_inputs import Inputs
    from ginger_async_safe.lint.check.settings import CheckSettings
    from ginger_async_safe.lint.domain.findings import Report
    from ginger_async_safe.lint.report.rule_names import Names
    from ginger_async_safe.lint.report.verdict import CheckRequest, Verdict

__all__ = ["check"]

_UNREADABLE = 2
_SHOWN = 3  # of what is left out, in an error


def check(args: argparse.Namespace) -> int:
    """Check, and print the result.

    Args:
        args: The parsed arguments.

    Returns:
        The exit code: 0, 1 where something has to be fixed, 2 where something could not be read.

    Raises:
        ConfigurationError: Where an argument or a setting cannot be used.
    """
    if args.explain is not None:
        show("".join(f"{line}\n" for line in _explained(args)))
        return 0
    if args.reason is not None and not args.add_suppressions:
        msg = "--reason is for the comments that --add-suppressions writes; give that, too"
        raise ConfigurationError(msg)
    if args.watch:
        return _watched(args)
    return _checked(args)


def _checked(args: argparse.Namespace) -> int:
    """Check once, and print the result."""
    # Other commands do not need these imports.
    from ginger_async_safe.lint.check import engine  # noqa: PLC0415
    from ginger_async_safe.lint.domain.findings import Report  # noqa: PLC0415
    from ginger_async_safe.lint.report.verdict import verdict_of  # noqa: PLC0415
    from ginger_async_safe.lint.source.files import STUB  # noqa: PLC0415

    settings, root = _settings(args)
    inputs = inputs_of(args, settings, root)
    request = _request(args, settings, root, inputs)
    if inputs.changed is not None and not inputs.changed:
        report = Report(named=frozenset())
    else:
        with Progress("files read") as progress:
            report = engine.check(
                inputs.paths,
                root=root,
                settings=settings,
                context=inputs.context,
                contents=inputs.contents,
                changed=inputs.changed,
                progress=progress,
                reading_package=progress.begin_part,
            )
        _require_files(report, inputs)
        _require_marked(report, request, settings, root, inputs)
    verdict = verdict_of(report, request)
    notes = [*report.notes]
    if (args.format or settings.format) == "concise":  # which has a place for what is to be fixed only
        notes += [
            f"{shown_path(each.path)} is {'not read as context' if each.is_context else 'left out'}: {each.why}"
            for each in report.left_out
            if each.why != STUB
        ]
    for note in notes:
        say(f"note: {note}")
    if args.add_suppressions:
        return _added(verdict, args)
    text = _rendered(verdict, args, settings, root)
    if args.output is None:
        show(text)
    else:
        write(text, Path(args.output), "--output")
    return verdict.exit_code


def _settings(args: argparse.Namespace) -> tuple[CheckSettings, Path]:
    """Return the settings, with what the arguments change in them, and the project's folder."""
    from ginger_async_safe.lint.check.settings import project_root, settings_of_file  # noqa: PLC0415

    settings = settings_of_file()
    exclude = [glob for globs in args.exclude for glob in map(str.strip, globs.split(",")) if glob]
    settings = replace(settings, exclude=(*settings.exclude, *exclude))
    if args.python is not None:
        settings = replace(settings, dependencies=True, python=str(Path(args.python).absolute()))
    if args.dependencies is not None:
        settings = replace(settings, dependencies=args.dependencies)
    return (replace(settings, cache=None) if args.no_cache else settings), project_root()


def _request(args: argparse.Namespace, settings: CheckSettings, root: Path, inputs: Inputs) -> CheckRequest:
    from ginger_async_safe.lint.report.rule_names import Names  # noqa: PLC0415
    from ginger_async_safe.lint.report.verdict import CheckRequest  # noqa: PLC0415

    return CheckRequest(
        select=_names(Names, "--select", args.select, settings.select),
        ignore=_names(Names, "--ignore", args.ignore, settings.ignore),
        baseline=_baseline(args, settings, root),
        updates=args.update_baseline,
        partial=inputs.partial or _why_without_packages(args),
        per_file=[(root, each.pattern, Names(each.rules)) for each in settings.per_file_ignores],
        exits_zero=args.exit_zero,
        left_out=() if settings.dependencies else ("dependency",),
    )


def _why_without_packages(args: argparse.Namespace) -> str:
    """Return why the baseline may have entries that a check cannot find; an empty text where it reads all that it should."""
    from ginger_async_safe.lint.check.settings import settings_of_file  # noqa: PLC0415

    is_less = args.dependencies is False and settings_of_file().dependencies
    return "the installed packages were not read (--no-dependencies)" if is_less else ""


def _require_files(report: Report, inputs: Inputs) -> None:
    """Refuse a check that read nothing: it must not look like one that found nothing."""
    if report.statistics.files or report.unread or not any(path.is_dir() for path in inputs.paths):
        return
    left_out = [f"{shown_path(each.path)} is {each.why}" for each in report.left_out[:_SHOWN]]
    beside = f" ({'; '.join(left_out)})" if left_out else ""
    names = ", ".join(map(shown_path, inputs.paths))
    msg = f"there is no Python file below {names}{beside}; name a folder or file that has some"
    raise ConfigurationError(msg)


def _require_marked(report: Report, request: CheckRequest, settings: CheckSettings, root: Path, inputs: Inputs) -> None:
    """Refuse a name of marked functions that matches none: it would be an empty selection for ever."""
    from ginger_async_safe._config.patterns import Patterns  # noqa: PLC0415
    from ginger_async_safe.lint.check import engine  # noqa: PLC0415
    from ginger_async_safe.lint.report.rule_names import meant  # noqa: PLC0415

    found = {finding.call for finding in report.findings if finding.id.startswith("marked:")}
    by_settings = [each.pattern for each in settings.marked]
    unknown = [
        text
        for text in dict.fromkeys([*request.select.of_marked(), *request.ignore.of_marked()])
        if not any(map(Patterns(text).match, (*found, *by_settings)))
        and not (by_settings and Patterns(by_settings).match(text))
    ]
    if not unknown or report.unread:  # the functions may be in what could not be read
        return
    names = [
        each.name for each in engine.marked_functions([*inputs.paths, *inputs.context], root=root, settings=settings)
    ]
    for text in unknown:
        if not any(map(Patterns(text).match, names)):
            near = meant(f"marked:{text}", [f"marked:{name}" for name in names])
            msg = f"'marked:{text}' matches no marked function{near} `--select marked` selects all of them"
            raise ConfigurationError(msg)


def _explained(args: argparse.Namespace) -> Iterator[str]:
    """Yield lines about a rule, or a marked function, whose name reports have without ``marked:``."""
    from ginger_async_safe.lint.check import engine  # noqa: PLC0415
    from ginger_async_safe.lint.report.explanations import explain_rules  # noqa: PLC0415

    try:
        yield from explain_rules(args.explain)
    except ConfigurationError:
        settings, root = _settings(args)
        paths = inputs_of(args, settings, root).paths
        if args.explain not in {each.name for each in engine.marked_functions(paths, root=root, settings=settings)}:
            raise
        yield from explain_rules(f"marked:{args.explain}")


def _added(verdict: Verdict, args: argparse.Namespace) -> int:
    """Write suppressions for the findings, and say what was written."""
    from ginger_async_safe.lint.report.added_suppressions import DEFAULT_REASON, add_suppressions  # noqa: PLC0415
    from ginger_async_safe.lint.report.formats.concise import others  # noqa: PLC0415

    added = add_suppressions(verdict.findings, DEFAULT_REASON if args.reason is None else args.reason)
    lines = [f"added {number(added.comments, 'suppression')} in {number(added.files, 'file')}"]
    if added.in_notebooks:
        lines.append(f"{number(added.in_notebooks, 'finding')} in notebooks left: write these suppressions in Jupyter")
    lines += [f"{place}: {text}" for place, text in others(verdict)]
    show("".join(f"{line}\n" for line in lines))
    return _UNREADABLE if verdict.report.unread else 0


def _watched(args: argparse.Namespace) -> NoReturn:
    """Check whenever a file changes."""
    from ginger_async_safe._config import settings as configuration  # noqa: PLC0415
    from ginger_async_safe.lint.source.files import files_below  # noqa: PLC0415

    if args.add_suppressions or args.update_baseline:
        msg = "--watch only reports; run it without --add-suppressions and --update-baseline"
        raise ConfigurationError(msg)
    settings, root = _settings(args)
    inputs = inputs_of(args, settings, root)
    folders = [*inputs.paths, *inputs.context]

    def state() -> Mapping[Path, tuple[int, int, int]]:
        files = files_below(folders, root=root, exclude=settings.exclude).sources
        return state_of([*files, root / "pyproject.toml"])

    def run() -> None:
        configuration.forget_file()
        try:
            _checked(args)
        except ConfigurationError as error:  # it may be mended by the next change
            say(str(error))

    watch(run, state, [path if path.is_dir() else path.parent for path in (*folders, root)])


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


def _rendered(verdict: Verdict, args: argparse.Namespace, settings: CheckSettings, root: Path) -> str:
    from ginger_async_safe.lint.report.formats.concise import as_concise  # noqa: PLC0415
    from ginger_async_safe.lint.report.formats.github import as_commands  # noqa: PLC0415
    from ginger_async_safe.lint.report.formats.plain import as_json  # noqa: PLC0415
    from ginger_async_safe.lint.report.formats.sarif import as_sarif  # noqa: PLC0415
    from ginger_async_safe.lint.report.formats.text import as_text  # noqa: PLC0415

    form = args.format or settings.format
    if form == "concise":
        return as_concise(verdict)
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
