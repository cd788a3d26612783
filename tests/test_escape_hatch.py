"""The escape hatch, ``GINGER_ALLOW_ASYNC_UNSAFE``."""

from __future__ import annotations

import asyncio
import os
import warnings
from typing import TYPE_CHECKING

import pytest
from _effects import blocking, explained, guarded, is_stopped
from _guarding import called_in_task

from ginger_async_safe import ConfigurationWarning, SynchronousOnlyOperation, allow_async_unsafe

if TYPE_CHECKING:
    from _running import OnLoop

VARIABLE = "GINGER_ALLOW_ASYNC_UNSAFE"
ACCEPTED = "1, true, yes or on; 0, false, no or off; or patterns of calls separated by commas, such as gingerdj.db.*"

rubbish = pytest.mark.parametrize(
    "value",
    [
        "2",
        "01",
        "-1",
        "1.0",
        "y",
        "t",
        "n",
        "enabled",
        "disable",
        "ture",
        "none",
        "gingerdj",
        "a..b",
        "a b",
        "1;",
        "yes, no",
    ],
)


@pytest.mark.parametrize("value", ["1", "true", "yes", "on", "True", "TRUE", "YES", "oN", " 1 ", "\ttrue\n"])
def test_open(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Values such as "yes" allow every call, in any case and with white space around them."""
    monkeypatch.setenv(VARIABLE, value)
    assert called_in_task(blocking) == "it ran"


@pytest.mark.parametrize(
    "value", [None, "", "  ", "0", "false", "no", "off", "False", "FALSE", "No", "OFF", " 0 ", "\n"]
)
def test_shut(value: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Values such as "no" allow nothing, and neither does an empty or missing variable."""
    if value is not None:
        monkeypatch.setenv(VARIABLE, value)
    assert called_in_task(is_stopped)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("*", (True, True, True)),
        ("shop.*", (True, True, False)),
        ("shop.db.*", (True, False, False)),
        ("shop.db.*, bank.*", (True, False, True)),
        ("shop.db.connect,shop.mail.send", (True, True, False)),
        ("SHOP.*", (False, False, False)),
        ("shop*", (True, True, False)),
    ],
)
def test_patterns(value: str, expected: tuple[bool, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    """Patterns allow the calls that they match."""
    monkeypatch.setenv(VARIABLE, value)
    calls = [guarded(name) for name in ("shop.db.connect", "shop.mail.send", "bank.pay")]
    assert expected == called_in_task(lambda: tuple(not is_stopped(call) for call in calls))


@rubbish
def test_invalid_value(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Anything else allows nothing, and one warning says what is accepted."""
    monkeypatch.setenv(VARIABLE, value)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        stopped = [called_in_task(is_stopped) for _ in range(3)]
    assert [True] * 3 == stopped
    assert [
        (ConfigurationWarning, f"{VARIABLE}={value!r} is not understood, so it allows nothing; accepted are {ACCEPTED}")
    ] == [(each.category, str(each.message)) for each in caught]


@rubbish
def test_invalid_value_while_warnings_are_errors(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """If warnings are errors, each call is stopped nevertheless, and the warning is the cause."""
    monkeypatch.setenv(VARIABLE, value)
    for _ in range(2):
        with pytest.raises(SynchronousOnlyOperation) as caught:
            called_in_task(blocking)
        assert isinstance(caught.value.__cause__, ConfigurationWarning)


def test_another_invalid_value(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another invalid value causes another warning."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for value in ("enabled", "disabled", "enabled"):
            monkeypatch.setenv(VARIABLE, value)
            called_in_task(is_stopped)
    assert ["'enabled'", "'disabled'"] == [str(each.message).partition("=")[2].split()[0] for each in caught]


def test_at_run_time(on_loop: OnLoop) -> None:
    """Setting the variable takes effect at the next call, and so does removing it."""

    async def main() -> list[bool]:
        seen = [is_stopped()]
        for value in ("1", "0", "_effects.*", "elsewhere.*", "yes"):
            os.environ[VARIABLE] = value
            seen.append(is_stopped())
        del os.environ[VARIABLE]
        return [*seen, is_stopped()]

    assert [True, False, True, False, True, False, True] == on_loop(main)


def test_reaches_every_task() -> None:
    """Unlike a grant, it applies to the whole process."""

    async def child() -> bool:
        return is_stopped()

    async def main() -> bool:
        os.environ[VARIABLE] = "1"
        try:
            return await asyncio.create_task(child())
        finally:
            del os.environ[VARIABLE]

    assert not asyncio.run(main())


def test_not_read_outside_loops(monkeypatch: pytest.MonkeyPatch) -> None:
    """Outside of loops the variable is not read: an invalid value causes no warning."""
    monkeypatch.setenv(VARIABLE, "enabled")
    assert blocking() == "it ran"


def test_not_read_inside_a_grant(monkeypatch: pytest.MonkeyPatch) -> None:
    """If a grant allows the call, the variable is not read."""
    monkeypatch.setenv(VARIABLE, "enabled")

    async def main() -> str:
        with allow_async_unsafe():
            return blocking()

    assert asyncio.run(main()) == "it ran"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, "shut   not set"),
        ("", f"shut   {VARIABLE}=''"),
        ("0", f"shut   {VARIABLE}='0'"),
        ("1", f"open for *   {VARIABLE}='1'"),
        ("a.*, b.c", f"open for a.*, b.c   {VARIABLE}='a.*, b.c'"),
    ],
)
def test_explained(value: str | None, expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """``explain()`` shows whether the escape hatch is open, for which calls, and the value."""
    if value is not None:
        monkeypatch.setenv(VARIABLE, value)
    assert [expected] == explained()["escape hatch"]


def test_invalid_value_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    """``explain()`` shows an invalid value, and that the escape hatch is shut."""
    monkeypatch.setenv(VARIABLE, "enabled")
    with pytest.warns(ConfigurationWarning, match="is not understood"):
        assert [f"shut   {VARIABLE}='enabled'"] == explained()["escape hatch"]
