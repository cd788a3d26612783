"""Setting up the GingerDJ or Django project in whose directory a command runs."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from pathlib import Path

from ginger_async_safe.cli.startproject import FRAMEWORKS
from ginger_async_safe.exceptions import ConfigurationError

__all__ = ["load_project"]


def load_project() -> None:
    """Set up the project whose settings module the environment names, if the settings install this library's guard.

    Raises:
        ConfigurationError: If that fails.
    """
    for framework in FRAMEWORKS.values():
        name = os.environ.get(framework.variable)
        if not name:
            continue
        sys.path.insert(0, str(Path.cwd()))  # which is not on the path of a console script
        try:
            apps = getattr(import_module(name), "INSTALLED_APPS", ())
            if any(str(app).startswith("ginger_async_safe.contrib.") for app in apps):
                import_module(framework.framework).setup()
                import_module(
                    f"{framework.framework}.db"
                ).connections.all()  # load the database backends, and with them the calls that they mark
        except Exception as error:
            msg = f"{framework.variable} names {name!r}, which cannot be set up ({type(error).__name__}: {error}); fix that"
            raise ConfigurationError(msg) from error
