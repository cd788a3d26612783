"""Which handler serves a URL: by the setting, by URL patterns of every form, and for connections that are no requests."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest

frameworks = pytest.mark.parametrize("framework", ["gingerdj", "django"])

HEAD = """
import importlib, json, logging, os, sys
FRAMEWORK = os.environ["FRAMEWORK"]
door = importlib.import_module(f"ginger_async_safe.contrib.{FRAMEWORK}")
settings = importlib.import_module(f"{FRAMEWORK}.conf").settings
urls = importlib.import_module(f"{FRAMEWORK}.urls")
path, re_path, include = urls.path, urls.re_path, urls.include


def sync_view(request, **words): ...
async def async_view(request, **words): ...


logging.basicConfig(stream=sys.stdout, format="%(message)s")
settings.configure(ROOT_URLCONF=__name__, SECRET_KEY="x", USE_TZ=True, LOGGING_CONFIG=None)
"""

SETTING = f"""
{HEAD}
from ginger_async_safe import ConfigurationError
urlpatterns = [path("a/<int:pk>/", sync_view), path("b/", include([re_path("^c/[0-9]+$", async_view)]))]
for value in json.loads(sys.argv[1]):
    settings.GINGER_ASYNC_SAFE_HANDLERS = value
    try:
        views = door.get_asgi_application()._views
        views.read()
        print(*(views.handler_of(each).value for each in ("/a/1/", "/b/c/2", "/nowhere")))
    except ConfigurationError as error:
        print(error)
"""

SHAPES = f"""
{HEAD}
from asgiref.sync import sync_to_async
inner = [path("x", sync_view)]
inner.append(path("again/", include((inner, "inner"))))
urlpatterns = [
    path("s/<path:rest>", sync_view),
    path("p/", include([path("sync", sync_view)])),
    path("p/async", async_view),
    path("loop/", include((inner, "loop"))),
    re_path("anywhere", sync_view),
    re_path(r"^end$", async_view),
    path("", async_view),
]
views = door.get_asgi_application()._views
print(views.is_current)
views.read()
print(views.is_current)
for each in json.loads(sys.argv[1]):
    print(each[:20], views.handler_of(each).value)
urls.clear_url_caches()
print(views.is_current)
urlpatterns[:] = [path("only", sync_view)]
views.read()
print(views.is_current, views.handler_of("/p/async").value)
"""


OTHERS = f"""
{HEAD}
import asyncio
urlpatterns = []
own = importlib.import_module(f"{{FRAMEWORK}}.core.asgi").get_asgi_application()


async def main():
    for kind in json.loads(sys.argv[1]):
        for application in (door.get_asgi_application(), own):
            try:
                await application({{"type": kind}}, None, None)
            except ValueError as error:
                print(error)


asyncio.run(main())
"""


def printed(program: str, framework: str, argument: Any) -> list[str]:
    """Run a program of the framework's, and return the lines that it prints."""
    pytest.importorskip(framework)
    command = [sys.executable, "-W", "error", "-c", program, json.dumps(argument)]
    done = subprocess.run(
        command, env={**os.environ, "FRAMEWORK": framework}, capture_output=True, text=True, check=False
    )
    assert 0 == done.returncode, done.stderr
    return done.stdout.splitlines()


@frameworks
def test_setting(framework: str) -> None:
    """It selects by name and by path, with wildcards or without, and reports what is invalid."""
    values = [
        {},
        {"__main__.sync_view": "asgi", "__main__.async*": "wsgi"},
        {"/a/<int:pk>/": "asgi", "/b/c/[0-9]+$": "wsgi"},
        {"/a/*": "asgi", "/*": "wsgi"},
        {"/lost/": "asgi"},
        ["__main__.sync_view"],
        {"": "asgi"},
        {"__main__.sync_view": "thread"},
    ]
    expected = [
        "wsgi asgi wsgi",
        "asgi wsgi wsgi",
        "asgi wsgi wsgi",
        "asgi wsgi wsgi",
        "GINGER_ASYNC_SAFE_HANDLERS has '/lost/', and no view of the project has this name or path",
        "wsgi asgi wsgi",
        (
            "GINGER_ASYNC_SAFE_HANDLERS is ['__main__.sync_view']; "
            'set it to a dictionary, such as {"shop.views.report": "asgi", "/old/*": "wsgi"}'
        ),
        "GINGER_ASYNC_SAFE_HANDLERS has the key ''; give a view's dotted name, or a path that begins with a slash",
        (
            "GINGER_ASYNC_SAFE_HANDLERS has 'thread' for '__main__.sync_view'; "
            'give "wsgi" for a thread, or "asgi" for the event loop'
        ),
    ]
    assert expected == printed(SETTING, framework, values)


@frameworks
def test_other_connections(framework: str) -> None:
    """What is neither a request nor the lifespan is refused with the framework's own error."""
    found = printed(OTHERS, framework, ["websocket", "other"])
    assert (found[0], found[2]) == (found[1], found[3])
    assert [True, True] == [
        f"not {kind}" in line for kind, line in zip(("websocket", "other"), found[::2], strict=True)
    ]


@frameworks
def test_shapes(framework: str) -> None:
    """The first pattern that matches is used, as in the framework; new patterns are read again."""
    paths = {
        "/s/any/thing": "wsgi",
        "/p/sync": "wsgi",
        "/p/async": "asgi",
        "/p/other": "wsgi",
        "/loop/x": "wsgi",
        "/loop/again/again/x": "asgi",  # if patterns include themselves, the ASGI handler serves
        "/is/anywhere/here": "wsgi",
        "/end": "asgi",
        "/": "asgi",
        "/nowhere": "wsgi",
        f"/s/{'x' * 1000}": "wsgi",
    }
    found = printed(SHAPES, framework, list(paths))
    expected = [f"{path[:20]} {handler}" for path, handler in paths.items()]
    assert ["False", "True", *expected, "False", "True wsgi"] == found
