"""``ginger-async-safe export``: print what blocks as the settings of another tool."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ginger_async_safe.blocking.selection import choice_of_file, selected
from ginger_async_safe.cli.check_inputs import paths_of
from ginger_async_safe.cli.output import show

if TYPE_CHECKING:
    import argparse

__all__ = ["add_export", "export"]

_TOOLS = ("flake8-async", "hydroid", "ruff")
_RULES = ("all", "project", "none")


def add_export(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command and its options."""
    parser = commands.add_parser(
        "export",
        help="print what blocks as the settings of another tool",
        description="Print the project's marked functions, and the rules, as the settings of another tool.",
    )
    parser.add_argument("tool", metavar="TOOL", choices=_TOOLS, help=f"one of {', '.join(_TOOLS)}")
    parser.add_argument(
        "paths",
        metavar="PATH",
        nargs="*",
        help="a file or folder (default: those in the settings, else the working directory)",
    )
    parser.add_argument(
        "--rules",
        choices=_RULES,
        help="which rules to print: all, the project's own, or none (default: all; for ruff, which bans calls in sync "
        "code too, the project's)",
    )


def export(args: argparse.Namespace) -> int:
    """Print the settings.

    Args:
        args: The parsed arguments.

    Returns:
        The exit code, 0.

    Raises:
        ConfigurationError: Where an argument or a setting cannot be used.
    """
    # Other commands do not need these imports.
    from ginger_async_safe.lint.check import engine  # noqa: PLC0415
    from ginger_async_safe.lint.check.settings import project_root, settings_of_file  # noqa: PLC0415
    from ginger_async_safe.lint.report.exports import TOOLS, Blocking, of_rules  # noqa: PLC0415

    settings, root = settings_of_file(), project_root()
    paths = paths_of(args.paths, settings, root)
    marked = engine.marked_functions(paths, root=root, settings=settings)
    calls = {each.name: Blocking(each.name, each.fix or f"await sync_to_async({each.name})(...)") for each in marked}
    choice = choice_of_file()
    rules = selected(choice)
    which = args.rules or ("project" if args.tool == "ruff" else "all")
    if which == "project":
        own = {rule.target for rule in choice.add}
        rules = tuple(rule for rule in rules if rule.target in own)
    if which != "none":
        calls = {**{call.name: call for call in of_rules(rules)}, **calls}
    show("".join(f"{line}\n" for line in TOOLS[args.tool](sorted(calls.values()))))
    return 0
