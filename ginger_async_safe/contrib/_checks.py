"""System checks of a project's async safety, for ``manage.py check``."""

from __future__ import annotations

import functools
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from ginger_async_safe.policy import escape_hatch

if TYPE_CHECKING:
    from ginger_async_safe.contrib._framework import Framework

__all__ = ["register"]


def register(framework: Framework) -> None:
    """Register the checks with the framework."""
    checks = framework.module("core.checks")
    for check, is_for_deployment in ((_check_hatch, True), (_check_handler, False)):
        checks.register(functools.partial(check, framework), checks.Tags.async_support, deploy=is_for_deployment)


def _check_hatch(framework: Framework, app_configs: object, **_: object) -> list[Any]:  # noqa: ARG001 - the frameworks' protocol
    """E001: the escape hatch is open in a deployment."""
    hatch = escape_hatch.allowed_by_hatch()
    if hatch is None or framework.module("conf").settings.DEBUG:
        return []
    error = framework.module("core.checks").Error(
        f"The escape hatch is open for {hatch}: calls that block are allowed on the event loop, where they stop "
        "every other request.",
        hint=f"Unset {framework.hatch} in deployment; grant single calls with allow_async_unsafe() instead.",
        id="ginger_async_safe.E001",
    )
    return [error]


def _check_handler(framework: Framework, app_configs: object, **_: object) -> list[Any]:  # noqa: ARG001 - the frameworks' protocol
    """I001: the framework's own ASGI handler serves the project, without leased threads."""
    path = _path_of_application(framework)
    module, _dot, attribute = path.rpartition(".")
    if not module or find_spec(module.partition(".")[0]) is None or find_spec(module) is None:
        return []
    application = getattr(import_module(module), attribute, None)
    if not isinstance(application, framework.module("core.handlers.asgi").ASGIHandler):
        return []
    info = framework.module("core.checks").Info(
        f"{path} is {framework.title}'s own ASGIHandler, which starts and ends a thread for each request and "
        "opens a database connection in it.",
        hint=f"In {module}: from {framework.door} import get_asgi_application.",
        id="ginger_async_safe.I001",
    )
    return [info]


def _path_of_application(framework: Framework) -> str:
    """Return the dotted name of the ASGI application: ``ASGI_APPLICATION``, else ``asgi`` beside ``ROOT_URLCONF``."""
    settings = framework.module("conf").settings
    named = getattr(settings, "ASGI_APPLICATION", None)
    if isinstance(named, str):
        return named
    package = str(getattr(settings, "ROOT_URLCONF", "")).rpartition(".")[0]
    return f"{package}.asgi.application" if package else ""
