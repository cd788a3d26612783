"""Switching guards on and off: everything is restored, whatever refers to guarded objects, and whatever else is patched."""

# ruff: noqa: ASYNC251 - blocking calls in async functions are what is tested

from __future__ import annotations

import asyncio
import functools
import gc
import importlib
import os
import sqlite3
import sys
import time
from pathlib import Path
from types import BuiltinFunctionType
from typing import TYPE_CHECKING, Any

import blockbuster
import pytest
from _running import in_new_process, in_thread

from ginger_async_safe import (
    BlockingCall,
    ConfigurationWarning,
    SynchronousOnlyOperation,
    configure,
    guard_blocking_calls,
)
from ginger_async_safe.blocking.rules import RULES
from ginger_async_safe.blocking.targets import resolve

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def stopped(call: Callable[[], object]) -> str | None:
    """Return the violation of a call in a task by its name, or ``None`` if it runs."""

    async def main() -> str | None:
        try:
            call()
        except SynchronousOnlyOperation as error:
            assert error.violation is not None  # noqa: PT017 - it may also raise nothing
            return error.violation.call
        return None

    return asyncio.run(main())


def state() -> list[object]:
    """Return everything that a rule may touch."""
    found: list[object] = []
    for rule in RULES:
        target = resolve(rule.target)
        if target is not None:
            function = getattr(target.value, "__func__", target.value)
            found += [target.value, getattr(function, "__code__", None)]
    return found


class TestSwitching:
    """On and off, with everything restored."""

    def test_everything_is_restored(self) -> None:
        """Each touched attribute is the very object that it was."""
        before = state()
        with guard_blocking_calls():
            assert any(now is not then for now, then in zip(state(), before, strict=True))
        after = state()
        assert all(now is then for now, then in zip(after, before, strict=True))

    def test_names_in_modules(self) -> None:
        """A function that a module imported by name is guarded too, and is restored."""
        assert in_new_process("""
            import asyncio, json, os, sys, types
            module = types.ModuleType("shop"); module.look = os.lstat; sys.modules["shop"] = module
            from ginger_async_safe import SynchronousOnlyOperation, guard_blocking_calls

            async def main():
                try:
                    module.look("/")
                except SynchronousOnlyOperation as error:
                    return error.violation.call

            original = os.lstat
            with guard_blocking_calls():
                found = asyncio.run(main())
            print(json.dumps([found, module.look is original, os.lstat is original]))
        """) == ["os.lstat", True, True]

    def test_nested(self) -> None:
        """Rules hold until the last guard that has them is off; ``stop`` may be called again."""
        outer = guard_blocking_calls(without="file.*")
        with guard_blocking_calls() as inner:
            assert "file.open" == stopped(lambda: Path(os.devnull).open().close())
        inner.stop()
        assert stopped(lambda: Path(os.devnull).open().close()) is None
        assert "time.sleep" == stopped(lambda: time.sleep(0.01))
        outer.stop()
        assert stopped(lambda: time.sleep(0.01)) is None

    def test_async_with(self) -> None:
        """It is an async context manager, too."""

        async def main() -> None:
            async with guard_blocking_calls():
                with pytest.raises(SynchronousOnlyOperation):
                    time.sleep(0.01)
            time.sleep(0)

        asyncio.run(main())

    def test_from_threads(self) -> None:
        """Guards that come and go in several threads at once restore everything."""
        assert in_new_process("""
            import json
            from concurrent.futures import ThreadPoolExecutor
            from test_blocking_switching import state
            from ginger_async_safe import guard_blocking_calls

            def switch(_):
                for _ in range(20):
                    with guard_blocking_calls():
                        pass

            before = state()
            with ThreadPoolExecutor(4) as pool:
                list(pool.map(switch, range(4)))
            print(json.dumps(all(now is then for now, then in zip(state(), before, strict=True))))
        """)

    def test_leaks_nothing(self) -> None:
        """Many cycles leave no objects behind."""
        left = in_new_process("""
            import asyncio, gc, json
            from ginger_async_safe import guard_blocking_calls

            def cycles(count):
                for _ in range(count):
                    with guard_blocking_calls():
                        pass
                gc.collect()
                return len(gc.get_objects())

            cycles(5)
            before = cycles(1)
            print(json.dumps(cycles(30) - before))
        """)
        assert left < 30

    def test_function_sets_of_os(self) -> None:
        """``os.supports_fd`` and the like have the same guarded functions as they had before."""

        def names_in_os() -> list[str]:
            return [name for name, value in vars(os).items() if type(value) is set and os.stat in value]

        before = names_in_os()
        with guard_blocking_calls():
            assert before == names_in_os()
        assert "supports_follow_symlinks" in before

    def test_changed_meanwhile(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A wrapper that other code puts on top stays, with a warning."""
        guard = guard_blocking_calls()

        @functools.wraps(os.lstat)
        def theirs(*args: Any, **kwargs: Any) -> Any:
            raise AssertionError

        monkeypatch.setattr(os, "lstat", theirs)
        with pytest.warns(
            ConfigurationWarning, match="^os.lstat: other code has replaced what was guarded, and it stays"
        ):
            guard.stop()
        assert os.lstat is theirs

    def test_imported_later(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A rule is applied when its module is imported; the module's loader is restored."""
        (tmp_path / "late_client.py").write_text("def fetch():\n    return 'fetched'\n", encoding="utf-8")
        monkeypatch.syspath_prepend(tmp_path)
        with guard_blocking_calls(add=[BlockingCall("late_client.fetch", fix="await late_client.afetch()")]):
            late_client = importlib.import_module("late_client")
            assert "late_client.fetch" == stopped(late_client.fetch)
            assert "fetched" == in_thread(late_client.fetch)
        assert stopped(late_client.fetch) is None
        assert late_client.__spec__ is not None
        assert "exec_module" not in vars(late_client.__spec__.loader)
        del sys.modules["late_client"]


class Slotted:
    """Has no dict."""

    __slots__ = ("call",)


class Table:
    """Has a function as a class attribute, which does not bind."""

    look: Any = os.lstat
    said = staticmethod(os.lstat)


def default(look: Callable[[str], object] = os.lstat) -> object:
    """Call a function that was the default when this one was defined."""
    return look("/")


def made_of(look: Callable[[str], object]) -> Callable[[], object]:
    """Return a function with another one in its closure."""
    return lambda: look("/")


def references_of_every_kind() -> dict[str, tuple[Callable[[], object], Callable[[], object]]]:
    """Return references of every kind to ``os.lstat``: how to call it through each, and how to read it."""
    slotted, table = Slotted(), {"look": [os.lstat]}
    slotted.call = os.lstat  # type: ignore[attr-defined]
    inner = functools.partial(os.lstat, "/")
    closure: Any = made_of(os.lstat)
    hooks = {os.lstat}
    mapped = functools.partial(map, os.lstat)
    return {
        "default": (default, lambda: default.__defaults__[0]),  # type: ignore[index]
        "closure": (closure, lambda: closure.__closure__[0].cell_contents),
        "partial": (inner, lambda: inner.func),
        "argument of a partial": (lambda: list(mapped(["/"])), lambda: mapped.args[0]),
        "list in a dict": (lambda: table["look"][0]("/"), lambda: table["look"][0]),
        "set": (lambda: [hook("/") for hook in hooks], lambda: next(iter(hooks))),
        "slot": (lambda: slotted.call("/"), lambda: slotted.call),  # type: ignore[attr-defined]
        "static method": (lambda: Table().said("/"), lambda: Table.said),
        "class attribute": (lambda: Table().look("/"), lambda: vars(Table)["look"]),
    }


class TestReferences:
    """References taken before the guard was on."""

    @pytest.mark.parametrize("way", references_of_every_kind())
    def test_redirected(self, way: str) -> None:
        """They are guarded while the guard is on, and are to the original object afterwards."""
        call, get = references_of_every_kind()[way]
        before = get()
        assert before is os.lstat
        with guard_blocking_calls():
            assert "os.lstat" == stopped(call)
            assert in_thread(call) is not None
        assert get() is before
        assert stopped(call) is None

    def test_reference_taken_meanwhile(self) -> None:
        """References taken while the guard is on are to the original object afterwards, too."""
        with guard_blocking_calls():
            taken: dict[str, Any] = {"look": os.lstat}
        assert taken["look"] is os.lstat
        assert isinstance(taken["look"], BuiltinFunctionType)

    def test_bound_methods(self, tmp_path: Path) -> None:
        """Bound methods written in C are guarded, and are restored."""
        connection = sqlite3.connect(tmp_path / "shop.sqlite3", check_same_thread=False)
        held = {"execute": connection.cursor().execute}
        before = held["execute"]
        with guard_blocking_calls():
            assert "sqlite3.execute" == stopped(lambda: held["execute"]("SELECT 1"))
        assert held["execute"] is before
        connection.close()

    def test_frozen_heap(self) -> None:
        """Names in modules are redirected also while the heap is frozen, as it may be before forking."""
        assert in_new_process("""
            import asyncio, gc, json, os, types, sys
            module = types.ModuleType("shop"); module.look = os.lstat; sys.modules["shop"] = module
            gc.freeze()
            from ginger_async_safe import SynchronousOnlyOperation, guard_blocking_calls

            async def main():
                try:
                    module.look("/")
                except SynchronousOnlyOperation as error:
                    return error.violation.call

            with guard_blocking_calls():
                found = asyncio.run(main())
            print(json.dumps([found, module.look is os.lstat]))
        """) == ["os.lstat", True]


class TestOthers:
    """Other tools that replace the same functions."""

    @pytest.mark.parametrize("first", ["ours", "theirs"])
    def test_blockbuster(self, first: str) -> None:
        """Blockbuster may be on as well, in either order."""
        before = (time.sleep, os.stat, Path.open)
        configure(policy="log")
        theirs, ours = blockbuster.blockbuster_ctx(), guard_blocking_calls

        async def main() -> None:
            with pytest.raises(blockbuster.BlockingError):
                time.sleep(0.01)

        with ours() if first == "ours" else theirs, theirs if first == "ours" else ours():
            asyncio.run(main())
        assert before == (time.sleep, os.stat, Path.open)
        assert stopped(lambda: time.sleep(0.001)) is None

    def test_wrapper_on_top(self) -> None:
        """A tracer's wrapper keeps working when the guard below it is switched off, and restores the original."""
        calls = []
        original = os.lstat

        class Traced:
            def __init__(self, wrapped: Callable[..., Any]) -> None:
                self.wrapped = wrapped

            def __call__(self, *args: Any, **kwargs: Any) -> Any:
                calls.append(args)
                return self.wrapped(*args, **kwargs)

        guard = guard_blocking_calls()
        traced = Traced(os.lstat)
        os.lstat = traced
        try:
            assert "os.lstat" == stopped(lambda: os.lstat("/"))
            with pytest.warns(
                ConfigurationWarning, match="^os.lstat: other code has replaced what was guarded, and it stays"
            ):
                guard.stop()
            assert stopped(lambda: os.lstat("/")) is None
            assert traced.wrapped is original
            assert [("/",), ("/",)] == calls
        finally:
            os.lstat = original

    def test_put_back_too_late(self) -> None:
        """A wrapper that other code restores after its guard is off does nothing, and the next guard removes it."""
        original = os.lstat
        guard = guard_blocking_calls()
        kept = (os.lstat,)  # in a tuple, which cannot be changed
        guard.stop()
        os.lstat = kept[0]
        try:
            assert stopped(lambda: os.lstat("/")) is None
            with guard_blocking_calls():
                assert "os.lstat" == stopped(lambda: os.lstat("/"))
            assert os.lstat is original
        finally:
            os.lstat = original

    def test_capture(self, capfd: pytest.CaptureFixture[str]) -> None:
        """What is printed and captured is printed, not written to a file."""

        async def main() -> None:
            print("Kindred")  # noqa: T201 - printing is what is tested
            os.write(2, b"Parable\n")

        with guard_blocking_calls():
            asyncio.run(main())
        assert ("Kindred\n", "Parable\n") == capfd.readouterr()

    def test_gevent(self) -> None:
        """Gevent may patch the standard library before the guard, or under it."""
        orders: list[tuple[str, str]] = [("patch", "guard"), ("guard", "patch")]
        for order in orders:
            assert in_new_process(f"""
                import gevent.monkey, json, time, warnings
                from ginger_async_safe import ConfigurationWarning, guard_blocking_calls
                for step in {order!r}:
                    if step == "patch":
                        gevent.monkey.patch_all()
                    else:
                        guard = guard_blocking_calls()
                import gevent
                greenlets = [gevent.spawn(time.sleep, 0.01) for _ in range(3)]
                gevent.joinall(greenlets, raise_error=True)
                with warnings.catch_warnings(record=True) as caught:
                    warnings.simplefilter("always", ConfigurationWarning)
                    guard.stop()
                assert len(caught) == {int(order[0] == "guard")}
                gevent.joinall([gevent.spawn(time.sleep, 0.01)], raise_error=True)
                print(json.dumps(time.sleep.__module__))
            """).startswith("gevent"), order


class TestProcess:
    """Other things that the process does meanwhile."""

    def test_forked_child(self) -> None:
        """A child of a guarded process is guarded, and can switch the guard off."""
        assert in_new_process("""
            import asyncio, json, os, time
            from ginger_async_safe import SynchronousOnlyOperation, guard_blocking_calls
            guard = guard_blocking_calls()

            async def main():
                try:
                    time.sleep(0.001)
                except SynchronousOnlyOperation:
                    return "stopped"
                return "ran"

            read, write = os.pipe()
            if not os.fork():
                found = [asyncio.run(main())]
                guard.stop()
                found.append(asyncio.run(main()))
                os.write(write, json.dumps(found).encode())
                os._exit(0)
            os.wait()
            print(json.dumps([json.loads(os.read(read, 100)), asyncio.run(main())]))
        """) == [["stopped", "ran"], "stopped"]

    def test_while_tasks_run(self) -> None:
        """Guards are switched on and off while other tasks run, and those finish their work."""
        assert [50] * 4 == in_new_process("""
            import asyncio, json, os
            from ginger_async_safe import guard_blocking_calls

            async def work():
                for done in range(1, 51):
                    await asyncio.sleep(0)
                    await asyncio.to_thread(os.stat, "/")
                return done

            async def main():
                tasks = [asyncio.create_task(work()) for _ in range(4)]
                while not all(task.done() for task in tasks):
                    with guard_blocking_calls():
                        await asyncio.sleep(0)
                    await asyncio.sleep(0)
                return [task.result() for task in tasks]

            print(json.dumps(asyncio.run(main())))
        """)


class TestMissingTargets:
    """Rules for targets that newer versions of a module lack."""

    def test_one_warning(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A rule whose module lacks its target is skipped, with one warning."""
        rule = BlockingCall("sqlite3.Connection.no_longer_there")
        with pytest.warns(ConfigurationWarning, match=r"is skipped: sqlite3 has no Connection.no_longer_there"):
            guard_blocking_calls(add=[rule]).stop()
        guard_blocking_calls(add=[rule]).stop()

    def test_warning_is_an_error(self) -> None:
        """If the warning is an error, no guard is left on that the program could not stop."""
        before = state()
        with pytest.raises(ConfigurationWarning, match="is skipped"):
            guard_blocking_calls(add=[BlockingCall("sqlite3.Connection.never_there")])
        assert all(now is then for now, then in zip(state(), before, strict=True))


class TestFiles:
    """Files with data in their buffers when closing them is refused."""

    @pytest.fixture(autouse=True)
    def _guarded(self) -> Iterator[None]:
        with guard_blocking_calls():
            yield

    @pytest.mark.parametrize(("mode", "text"), [("w", "Kindred"), ("wb", b"Kindred"), ("w+b", b"Kindred")])
    def test_nothing_is_lost(self, tmp_path: Path, mode: str, text: str | bytes) -> None:
        """The file stays open, and can be closed in a thread."""
        file = (tmp_path / "book").open(mode)
        file.write(text)
        assert "file.write" == stopped(file.close)
        assert not file.closed
        in_thread(file.close)
        assert b"Kindred" == (tmp_path / "book").read_bytes()

    def test_nothing_to_write(self, tmp_path: Path) -> None:
        """Closing a file that has nothing left to write is allowed."""
        file = (tmp_path / "book").open("w")
        file.write("Kindred")
        file.flush()
        assert stopped(file.close) is None
        assert file.closed

    @pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")
    def test_forgotten(self, tmp_path: Path) -> None:
        """A file that the garbage collector closes is written: no caller could try again."""

        async def main() -> None:
            file = await asyncio.to_thread((tmp_path / "book").open, "w")
            file.write("Kindred")
            del file
            gc.collect()

        asyncio.run(main())
        assert "Kindred" == (tmp_path / "book").read_text()
