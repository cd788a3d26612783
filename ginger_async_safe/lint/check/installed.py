"""The installed packages that a check reads: those of the environment that its settings say, kept in its cache."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ginger_async_safe.exceptions import ConfigurationError
from ginger_async_safe.lint.check.cache import refuse_outside, signature
from ginger_async_safe.lint.dependencies.packages import InstalledDependencies
from ginger_async_safe.lint.dependencies.store import Store
from ginger_async_safe.lint.source.environments import environment_at, environment_of
from ginger_async_safe.lint.source.files import digest

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from ginger_async_safe.blocking.calls import BlockingCall
    from ginger_async_safe.lint.check.settings import CheckSettings
    from ginger_async_safe.lint.interpreter.interpreter import Handlers
    from ginger_async_safe.lint.source.environments import Environment

__all__ = ["dependencies_of"]

_FOLDER = "packages"


def dependencies_of(
    root: Path,
    settings: CheckSettings,
    rules: Sequence[BlockingCall],
    handlers: Handlers,
    reading_package: Callable[[str], None] | None,
) -> InstalledDependencies:
    """Return what the installed packages do.

    Args:
        root: The folder of the project.
        settings: The settings of the project.
        rules: The rules that are in force.
        handlers: What evaluates the parts of a program.
        reading_package: Called with the name and version of a package before it is read.

    Raises:
        ConfigurationError: Where the settings name an environment that is not there, or the folder of the cache is a link
            that leads out of the project.
    """
    folder = None if settings.cache is None else settings.cache / _FOLDER
    if folder is not None:
        refuse_outside(folder, root)
    rules_digest = digest("".join(f"{rule.id} {rule.target} {rule.category}\n" for rule in rules).encode())
    store = Store(folder, f"{signature()} {rules_digest}")
    return InstalledDependencies(_environment(root, settings), store, rules, handlers, reading_package)


def _environment(root: Path, settings: CheckSettings) -> Environment:
    if settings.python is None:
        return environment_of(root)
    found = environment_at(root / settings.python)
    if found is None:
        msg = f"there are no installed packages in {settings.python}; give an interpreter, or the folder of a virtual environment"
        raise ConfigurationError(msg)
    return found
