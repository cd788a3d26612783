"""The ASGI application of a project, found through its settings."""

from __future__ import annotations

import importlib
import logging
import os
from typing import TYPE_CHECKING, Any

from ginger_async_safe.asgi.exchange import CLIENT_TIMEOUT
from ginger_async_safe.asgi.handler import ASGIHandler
from ginger_async_safe.asgi.shutdown import SHUTDOWN_TIMEOUT
from ginger_async_safe.asgi.threads import MAX_WAITING
from ginger_async_safe.exceptions import ConfigurationError
from ginger_async_safe.policy import escape_hatch

if TYPE_CHECKING:
    from types import ModuleType

    from ginger_async_safe.asgi.hops import HopName

__all__ = ["SETTINGS_VARIABLE", "get_asgi_application"]

SETTINGS_VARIABLE = "GINGER_SETTINGS_MODULE"

logger: logging.Logger = logging.getLogger("ginger_async_safe.asgi")


def get_asgi_application(  # noqa: PLR0913 - each is a setting, given by its name
    *,
    threads: int | None = None,
    queue_timeout: float | None = None,
    max_body: int | None = None,
    client_timeout: float | None = CLIENT_TIMEOUT,
    max_waiting: int = MAX_WAITING,
    shutdown_timeout: float | None = SHUTDOWN_TIMEOUT,
    hop: HopName | None = None,
) -> ASGIHandler:
    """Wrap the WSGI application of the project that ``GINGER_SETTINGS_MODULE`` names.

    The setting ``WSGI_APPLICATION`` gives its dotted name, as ``"shop.wsgi.application"``. Everything is imported here,
    so that mistakes show at start-up and not at the first request.

    Args:
        threads: As for :class:`ASGIHandler`.
        queue_timeout: As for :class:`ASGIHandler`, in seconds.
        max_body: As for :class:`ASGIHandler`, in bytes.
        client_timeout: As for :class:`ASGIHandler`, in seconds.
        max_waiting: As for :class:`ASGIHandler`.
        shutdown_timeout: As for :class:`ASGIHandler`, in seconds.
        hop: As for :class:`ASGIHandler`.

    Returns:
        The ASGI application, for any ASGI server.

    Raises:
        ConfigurationError: Where the variable is not set, a module does not import, or a name does not resolve.
    """
    name = os.environ.get(SETTINGS_VARIABLE, "").strip()
    if not name:
        msg = (
            f"{SETTINGS_VARIABLE} is not set; set it to the dotted name of your settings module, "
            f'as in os.environ.setdefault("{SETTINGS_VARIABLE}", "shop.settings")'
        )
        raise ConfigurationError(msg)
    settings = _imported(name, f"{SETTINGS_VARIABLE} names the module {name!r}")
    if escape_hatch.allowed_by_hatch() is not None:
        logger.warning(
            "%s is set: marked calls are allowed on the event loop, where they stop every other request",
            escape_hatch.VARIABLE,
        )
    return ASGIHandler(
        _wsgi_application(settings),
        threads=threads,
        queue_timeout=queue_timeout,
        max_body=max_body,
        client_timeout=client_timeout,
        max_waiting=max_waiting,
        shutdown_timeout=shutdown_timeout,
        hop=hop,
    )


def _wsgi_application(settings: ModuleType) -> Any:  # noqa: ANN401 - the handler checks that it can be called
    where = f"WSGI_APPLICATION in {settings.__name__}"
    path = getattr(settings, "WSGI_APPLICATION", None)
    if not isinstance(path, str) or "." not in path:
        found = "is missing" if path is None else f"is {path!r}"
        msg = f'{where} {found}; set it to the dotted name of the application, as "shop.wsgi.application"'
        raise ConfigurationError(msg)
    module_name, _, attribute = path.rpartition(".")
    module = _imported(module_name, f"{where} is {path!r}, in the module {module_name!r}")
    application = getattr(module, attribute, None)
    if not callable(application):
        found = "has no" if application is None else "has no callable"
        msg = f"{where} is {path!r}, but {module_name} {found} {attribute!r}; define it there, or correct the setting"
        raise ConfigurationError(msg)
    return application


def _imported(name: str, what: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except Exception as error:
        remedy = (
            "check the name, and that its directory is on sys.path"
            if isinstance(error, ModuleNotFoundError)
            else "fix the error above"
        )
        msg = f"{what}, which does not import ({type(error).__name__}: {error}); {remedy}"
        raise ConfigurationError(msg) from error
