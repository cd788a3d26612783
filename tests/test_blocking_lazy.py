"""Rules for modules that are not imported yet: nothing is imported for a rule, and later imports are guarded."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING, Any

import pytest
from _running import TIMEOUT, in_new_process

if TYPE_CHECKING:
    from pathlib import Path

needs_lazy_imports = pytest.mark.skipif(sys.version_info < (3, 15), reason="this Python has no lazy imports (PEP 810)")
"""For programs with lazy imports."""

STOPPED = """
import asyncio
from ginger_async_safe import SynchronousOnlyOperation

def stopped(call):
    async def main():
        try:
            call()
        except SynchronousOnlyOperation as error:
            return error.violation.call
    return asyncio.run(main())
"""
"""A function that returns the violation of a call in a task by its name, or ``None`` if it runs."""

ways = pytest.mark.parametrize(
    "options",
    [
        pytest.param((), id="plain"),
        pytest.param(("-X", "lazy_imports=all"), id="all lazy", marks=needs_lazy_imports),
    ],
)
"""Run a test with imports as they are written, and with all imports lazy."""


def program(folder: Path, source: str, *options: str, **variables: str) -> Any:
    """Run source code as a file of its own, warnings as errors, and return what it prints, read as JSON."""
    path = folder / "program.py"
    path.write_text(STOPPED + textwrap.dedent(source), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-W", "error", *options, str(path)],
        check=False,
        capture_output=True,
        env={**os.environ, **variables},
        text=True,
        timeout=3 * TIMEOUT,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


class TestNothingIsImported:
    """Targets are looked up in modules that are imported already."""

    @ways
    def test_of_standard_library(self, options: tuple[str, ...]) -> None:
        """Switching the guard on imports nothing, and warns of nothing, where the packages of rules are imported."""
        source = """
            import concurrent.futures, json, multiprocessing, sys
            import ginger_async_safe.blocking
            concurrent.futures.Future, multiprocessing.Process
            ginger_async_safe.guard_blocking_calls().stop()  # what this library itself imports
            before = set(sys.modules)
            guard = ginger_async_safe.guard_blocking_calls()
            after = set(sys.modules)
            print(json.dumps([sorted(after - before), "concurrent.futures.process" in after]))
        """
        assert [[], False] == in_new_process(source, *options)

    @pytest.mark.parametrize("rule", ["shop.Stock.count", "shop.count", "shop.stock.count"])
    def test_of_packages(self, tmp_path: Path, rule: str) -> None:
        """The ``__getattr__`` of a package is not called for a rule."""
        (tmp_path / "shop").mkdir()
        (tmp_path / "shop" / "__init__.py").write_text("def __getattr__(name): raise SystemExit(name)\n")
        source = f"""
            import json, sys, shop
            from ginger_async_safe import BlockingCall, guard_blocking_calls
            guard_blocking_calls(add=[BlockingCall("{rule}")])
            print(json.dumps([each for each in sys.modules if each.startswith("shop.")]))
        """
        assert [] == program(tmp_path, source)

    def test_of_modules_loaded_at_first_use(self, tmp_path: Path) -> None:
        """A module that is loaded at its first use is not loaded for a rule, and is guarded from then on."""
        (tmp_path / "stock.py").write_text("LOADED = True\ndef count(): return 1\n")
        source = """
            import importlib.util, json, sys
            from ginger_async_safe import BlockingCall, guard_blocking_calls

            spec = importlib.util.find_spec("stock")
            spec.loader = importlib.util.LazyLoader(spec.loader)
            stock = sys.modules["stock"] = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(stock)
            guard_blocking_calls(add=[BlockingCall("stock.count")])
            early = "LOADED" in object.__getattribute__(stock, "__dict__")
            print(json.dumps([early, stopped(lambda: stock.count())]))
        """
        assert [False, "stock.count"] == program(tmp_path, source)

    @needs_lazy_imports
    def test_of_lazy_names(self, tmp_path: Path) -> None:
        """Lazy imports of the program stay lazy, also when the guard searches the heap for references."""
        source = """
            import gc, json, sys, types
            lazy import sqlite3
            lazy import xml.dom.minidom
            lazy from concurrent.futures import ProcessPoolExecutor
            from ginger_async_safe import BlockingCall, guard_blocking_calls
            gc.freeze()
            guard = guard_blocking_calls(add=[BlockingCall("__main__.sqlite3.connect"), BlockingCall("__main__.xml.dom")])
            names = ["sqlite3", "xml", "ProcessPoolExecutor"]
            lazy_names = [name for name in names if type(globals()[name]) is types.LazyImportType]
            guard.stop()
            imported = [each for each in ("sqlite3", "xml", "multiprocessing") if each in sys.modules]
            print(json.dumps([lazy_names, imported]))
        """
        assert [["sqlite3", "xml", "ProcessPoolExecutor"], []] == program(tmp_path, source)


class TestGuardedWhenImported:
    """The rules hold from the import on, however it is made."""

    @ways
    @pytest.mark.parametrize(
        ("use", "call"),
        [
            ("import sqlite3; sqlite3.connect('shop.sqlite3').execute('select 1')", "sqlite3.connect"),
            ("import importlib; importlib.import_module('sqlite3').connect('shop.sqlite3')", "sqlite3.connect"),
            ("from sqlite3 import connect; connect('shop.sqlite3')", "sqlite3.connect"),
            ("import queue; queue.SimpleQueue().get(timeout=9)", "queue.SimpleQueue.get"),
            ("from queue import SimpleQueue; SimpleQueue().get(timeout=9)", "queue.SimpleQueue.get"),
            ("import select; select.select([], [], [], 9)", "select.select"),
            ("import multiprocessing as m; m.Process(target=int).start()", "multiprocessing.process.BaseProcess.start"),
            ("import multiprocessing.connection as m; a, b = m.Pipe(); a.poll(.1)", "multiprocessing.Connection.poll"),
            ("import concurrent.futures as f; f.Future().result(1)", "concurrent.futures.Future.result"),
            ("from concurrent.futures import Future; Future().exception(1)", "concurrent.futures.Future.exception"),
            (
                "from concurrent.futures import ThreadPoolExecutor as T; p = T(1); [p.submit(done.wait, 1) for _ in 'ab']; p.shutdown()",
                "concurrent.futures.ThreadPoolExecutor.shutdown",
            ),
            (
                "import concurrent.futures.process as f; p = object.__new__(f.ProcessPoolExecutor); p._processes = {1: 1}; p.shutdown()",
                "concurrent.futures.ProcessPoolExecutor.shutdown",
            ),
            (
                "from concurrent.futures import ProcessPoolExecutor as P; p = object.__new__(P); p._processes = {1: 1}; p.shutdown()",
                "concurrent.futures.ProcessPoolExecutor.shutdown",
            ),
            ("from subprocess import run; run(['true'])", "subprocess.run"),
        ],
    )
    def test_standard_library(self, tmp_path: Path, options: tuple[str, ...], use: str, call: str) -> None:
        """A module of the standard library that a program imports under the guard is guarded."""
        source = f"""
            import json, threading
            from ginger_async_safe import guard_blocking_calls
            guard_blocking_calls()
            done = threading.Event()
            def use():
                exec({use!r}, globals())
            if __name__ == "__main__":
                print(json.dumps(stopped(use)))
        """
        assert call == program(tmp_path, source, *options)

    @needs_lazy_imports
    @pytest.mark.parametrize(
        ("statement", "use", "call"),
        [
            ("lazy import sqlite3", "sqlite3.connect('shop.sqlite3')", "sqlite3.connect"),
            ("lazy from sqlite3 import connect", "connect('shop.sqlite3')", "sqlite3.connect"),
            ("lazy import sqlite3 as sql", "sql.connect('shop.sqlite3')", "sqlite3.connect"),
            ("lazy import urllib.request", "urllib.request.urlopen('http://127.0.0.1:9')", "urllib.request.urlopen"),
            ("lazy from time import sleep", "sleep(.1)", "time.sleep"),
            ("lazy from os import statvfs", "statvfs('/')", "os.statvfs"),
            ("lazy import subprocess", "subprocess.run(['true'])", "subprocess.run"),
            (
                "lazy from multiprocessing import Process",
                "Process(target=int).start()",
                "multiprocessing.process.BaseProcess.start",
            ),
            ("lazy from socket import getaddrinfo", "getaddrinfo('localhost', 9)", "socket.getaddrinfo"),
            (
                "lazy from concurrent.futures import ProcessPoolExecutor as Pool",
                "pool = object.__new__(Pool); pool._processes = {1: 1}; pool.shutdown()",
                "concurrent.futures.ProcessPoolExecutor.shutdown",
            ),
        ],
    )
    def test_lazy_imports(self, tmp_path: Path, statement: str, use: str, call: str) -> None:
        """The first use of a lazy import resolves it, and the imported module is guarded."""
        source = f"""
            import json
            {statement}
            from ginger_async_safe import guard_blocking_calls
            guard_blocking_calls()
            if __name__ == "__main__":
                print(json.dumps(stopped(lambda: exec({use!r}, globals()))))
        """
        assert call == program(tmp_path, source)

    @needs_lazy_imports
    def test_variable(self, tmp_path: Path) -> None:
        """A program under PYTHON_LAZY_IMPORTS=all is guarded like any other."""
        source = """
            import json, sqlite3, time
            from ginger_async_safe import guard_blocking_calls
            guard_blocking_calls()
            calls = [lambda: sqlite3.connect("shop.sqlite3"), lambda: time.sleep(.1), lambda: open(__file__)]
            print(json.dumps([stopped(call) for call in calls]))
        """
        expected = ["sqlite3.connect", "time.sleep", "file.open"]
        assert expected == program(tmp_path, source, PYTHON_LAZY_IMPORTS="all")

    @pytest.mark.parametrize("use", ["shop.Stock.count()", "shop.Stock().total()", "taken().total()", "shop.count()"])
    @pytest.mark.parametrize("keeps", [True, False], ids=["kept", "made each time"])
    def test_made_by_package(self, tmp_path: Path, use: str, keeps: bool) -> None:
        """A module that a package's ``__getattr__`` imports at the first use is guarded from then on."""
        (tmp_path / "shop").mkdir()
        keep = "globals()[name] = " if keeps else ""
        (tmp_path / "shop" / "__init__.py").write_text(
            "def __getattr__(name):\n"
            "    if name not in {'Stock', 'count'}: raise AttributeError(name)\n"
            "    import importlib\n"
            f"    {keep}value = getattr(importlib.import_module('shop._stock'), name)\n"
            "    return value\n"
        )
        (tmp_path / "shop" / "_stock.py").write_text(
            "class Stock:\n"
            "    @staticmethod\n"
            "    def count(): return 1\n"
            "    def total(self): return 1\n"
            "def count(): return 1\n"
        )
        source = f"""
            import json, shop
            from ginger_async_safe import BlockingCall, guard_blocking_calls

            def taken():
                from shop import Stock
                return Stock()

            own = shop.__getattr__
            names = ["shop.Stock.count", "shop.Stock.total", "shop.count"]
            with guard_blocking_calls(add=[BlockingCall(name, category="shop") for name in names]):
                during = [stopped(lambda: {use}), stopped(lambda: {use})]
            print(json.dumps([during, stopped(lambda: {use}), shop.__getattr__ is own]))
        """
        during, after, is_own = program(tmp_path, source)
        assert [during[0]] * 2 == during
        assert during[0] in {"shop.Stock.count", "shop.Stock.total", "shop.count"}
        assert after is None
        assert is_own

    @needs_lazy_imports
    def test_target_behind_lazy_import(self, tmp_path: Path) -> None:
        """A rule for a name that a package imports lazily applies to the imported object."""
        (tmp_path / "shop.py").write_text("lazy from stock import Stock\nlazy import stock as parts\n")
        (tmp_path / "stock.py").write_text("class Stock:\n    def count(self): return 1\ndef total(): return 1\n")
        source = """
            import json, shop, sys
            from ginger_async_safe import BlockingCall, guard_blocking_calls
            guard_blocking_calls(add=[BlockingCall("shop.Stock.count"), BlockingCall("shop.parts.total")])
            early = "stock" in sys.modules
            print(json.dumps([early, stopped(lambda: shop.Stock().count()), stopped(lambda: shop.parts.total())]))
        """
        assert [False, "shop.Stock.count", "shop.parts.total"] == program(tmp_path, source)


class TestTrio:
    """trio is noticed when it is imported, and is not imported for a check."""

    @ways
    def test_first_use_under_guard(self, tmp_path: Path, options: tuple[str, ...]) -> None:
        """A call in a trio task is stopped if the program's first use of trio comes after the guard."""
        source = """
            import json, time
            import trio
            from ginger_async_safe import guard_blocking_calls

            async def main():
                try:
                    time.sleep(.1)
                except SynchronousOnlyOperation as error:
                    return error.violation.call

            guard_blocking_calls()
            print(json.dumps(trio.run(main)))
        """
        assert program(tmp_path, source, *options) == "time.sleep"


class TestOptional:
    """Calls that some Pythons lack."""

    def test_no_warning(self) -> None:
        """No built-in rule is reported as missing its target, on any Python and system."""
        source = """
            import json, os, select, signal, socket, sqlite3, ssl, subprocess, threading, multiprocessing.synchronize
            import concurrent.futures.process, concurrent.futures.thread, mmap, queue, multiprocessing.connection
            from ginger_async_safe import guard_blocking_calls
            for name in ("statx", "readinto", "copy_file_range", "preadv", "posix_fallocate", "fdatasync"):
                if hasattr(os, name):
                    delattr(os, name)  # as on a Python or system that has none
            guard_blocking_calls().stop()
            print(json.dumps("no warning"))
        """
        assert in_new_process(source) == "no warning"


@needs_lazy_imports
class TestCommand:
    """The command works the same with all imports lazy."""

    @pytest.mark.parametrize(
        "arguments", [["check", "--no-cache", "program.py"], ["explain"], ["rules"], ["run", "--", "program.py"]]
    )
    def test_same(self, tmp_path: Path, arguments: list[str]) -> None:
        """It has the same exit code and output."""
        (tmp_path / "program.py").write_text(
            "import asyncio, time\nasync def main(): time.sleep(.01)\nasyncio.run(main())\n", encoding="utf-8"
        )
        done = [
            subprocess.run(
                [sys.executable, "-m", "ginger_async_safe", *arguments],
                check=False,
                capture_output=True,
                cwd=tmp_path,
                env={**os.environ, "PYTHON_LAZY_IMPORTS": lazy},
                text=True,
                timeout=3 * TIMEOUT,
            )
            for lazy in ("normal", "all")
        ]
        normal, lazily = [(each.returncode, each.stdout, each.stderr) for each in done]
        assert normal == lazily
        assert normal[1] or "time.sleep" in normal[2]
