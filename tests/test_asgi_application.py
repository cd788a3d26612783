"""get_asgi_application(): a project found through its settings, or one clear error."""

from __future__ import annotations

import asyncio
import logging
import os
import uuid
from typing import TYPE_CHECKING

import pytest
from _asgi import exchange, http_scope

from ginger_async_safe import ConfigurationError
from ginger_async_safe.asgi import get_asgi_application
from ginger_async_safe.cli.startproject import startproject

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Write = Callable[[str], None]


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Write a settings module with a name that no other test uses, and set the variable to it."""
    name = f"settings_{uuid.uuid4().hex}"
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("GINGER_SETTINGS_MODULE", name)

    def write(text: str) -> None:
        (tmp_path / f"{name}.py").write_text(text, encoding="utf-8")

    return write


def refusal() -> str:
    """Return the error of get_asgi_application()."""
    with pytest.raises(ConfigurationError) as caught:
        get_asgi_application()
    return str(caught.value)


def test_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The application that the settings name is served."""
    startproject("imported_shop", tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("GINGER_SETTINGS_MODULE", "imported_shop.settings")
    client = asyncio.run(exchange(get_asgi_application(), http_scope("/books")))
    assert 200 == client.status
    assert b"Invisible Cities" in client.body


@pytest.mark.parametrize("value", ["", "  "])
def test_variable_is_not_set(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    """Without the variable, the error names it and shows the line to write."""
    monkeypatch.setenv("GINGER_SETTINGS_MODULE", value)
    expected = (
        "GINGER_SETTINGS_MODULE is not set; set it to the dotted name of your settings module, "
        'as in os.environ.setdefault("GINGER_SETTINGS_MODULE", "shop.settings")'
    )
    assert expected == refusal()


def test_module_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A settings module that does not exist is named."""
    monkeypatch.setenv("GINGER_SETTINGS_MODULE", "no_such_shop.settings")
    expected = (
        "GINGER_SETTINGS_MODULE names the module 'no_such_shop.settings', which does not import "
        "(ModuleNotFoundError: No module named 'no_such_shop'); "
        "check the name, and that its directory is on sys.path"
    )
    assert expected == refusal()


def test_module_fails(settings: Write) -> None:
    """A settings module that fails to import is named, and its own error is the cause."""
    settings("1 / 0")
    text = refusal()
    assert "which does not import (ZeroDivisionError: division by zero); fix the error above" in text


def test_setting_is_missing(settings: Write) -> None:
    """For settings without WSGI_APPLICATION, the error shows the line to add."""
    settings("")
    assert refusal().endswith('is missing; set it to the dotted name of the application, as "shop.wsgi.application"')


@pytest.mark.parametrize("value", ["application", 5])
def test_setting_is_no_name(settings: Write, value: object) -> None:
    """A WSGI_APPLICATION that is no dotted name is shown."""
    settings(f"WSGI_APPLICATION = {value!r}")
    assert f"is {value!r}; set it to the dotted name" in refusal()


def test_application_module_is_missing(settings: Write) -> None:
    """A WSGI_APPLICATION whose module does not exist is shown, with the module."""
    settings("WSGI_APPLICATION = 'no_such_shop.wsgi.application'")
    text = refusal()
    assert "is 'no_such_shop.wsgi.application', in the module 'no_such_shop.wsgi', which does not import" in text


@pytest.mark.parametrize(("path", "found"), [("os.no_such_name", "has no"), ("os.sep", "has no callable")])
def test_application_is_missing(settings: Write, path: str, found: str) -> None:
    """A WSGI_APPLICATION that its module does not have, or that cannot be called, is named."""
    settings(f"WSGI_APPLICATION = {path!r}")
    name = path.partition(".")[2]
    assert f"is {path!r}, but os {found} {name!r}; define it there, or correct the setting" in refusal()


def test_open_hatch_is_logged_at_start_up(
    settings: Write, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A server that starts with the escape hatch open logs that once."""
    monkeypatch.setenv("GINGER_ALLOW_ASYNC_UNSAFE", "1")
    settings("WSGI_APPLICATION = 'os.getcwd'")
    get_asgi_application()
    assert [("ginger_async_safe.asgi", logging.WARNING)] == [record[:2] for record in caplog.record_tuples]
    assert "GINGER_ALLOW_ASYNC_UNSAFE is set" in caplog.text


def test_environment_is_unchanged(tmp_path: Path) -> None:
    """Creating the application sets no environment variable."""
    before = dict(os.environ)
    refusal()
    assert before == dict(os.environ)
