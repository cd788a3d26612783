"""Detection does not change the program, and notices when the program imports trio."""

from __future__ import annotations

import pytest
from _looks import ASYNCIO, NOWHERE, TRIO
from _running import in_new_process


@pytest.mark.parametrize(
    "use",
    [
        "import ginger_async_safe",
        "from _looks import look; look()",
        "import asyncio; from _looks import look_async; asyncio.run(look_async())",
    ],
    ids=["imported", "a guarded call", "a guarded call on a loop"],
)
def test_imports_no_loop_library_and_no_framework(use: str) -> None:
    """The library itself imports no event loop library, no greenlets and no web framework."""
    source = f"""
        import json, sys
        {use}
        print(json.dumps(sorted({{name.partition(".")[0] for name in sys.modules}})))
    """
    foreign = {
        *("anyio", "trio", "uvloop", "gevent", "greenlet", "sniffio", "sqlalchemy", "nest_asyncio", "nest_asyncio2"),
        *("django", "gingerdj", "starlette", "fastapi", "flask", "uvicorn", "IPython", "pytest", "rich"),
    }
    assert set() == foreign.intersection(in_new_process(source))


def test_import_leaves_the_interpreter_as_it_was() -> None:
    """Importing the library starts no thread and patches nothing."""
    source = """
        import asyncio, builtins, json, os, signal, sys, threading, time
        import asgiref.sync, typing_extensions

        modules = [asyncio, asyncio.events, asyncio.base_events, asyncio.tasks, builtins, os, threading, time]

        def state():
            return {
                "meta_path": [id(each) for each in sys.meta_path],
                "path_hooks": [id(each) for each in sys.path_hooks],
                "modules": [{k: id(v) for k, v in vars(each).items() if not k.startswith("__")} for each in modules],
                "__import__": id(builtins.__import__),
                "hooks": [id(each) for each in (sys.excepthook, sys.displayhook, threading.excepthook, sys.gettrace())],
                "asyncgen hooks": [id(each) for each in sys.get_asyncgen_hooks()],
                "threads": [each.name for each in threading.enumerate()],
                "signals": [str(signal.getsignal(each)) for each in signal.valid_signals()],
                "warnings": len(__import__("warnings").filters),
            }

        before = state()
        import ginger_async_safe
        after = state()
        print(json.dumps([before, after]))
    """
    before, after = in_new_process(source)
    assert before == after


def test_first_guard_watches_for_trio() -> None:
    """The first guard only adds an import finder, which finds nothing itself; later guards add none."""
    source = """
        import json, sys
        before = list(sys.meta_path)
        import _looks
        from ginger_async_safe import async_unsafe
        async_unsafe(lambda: None)
        added = [each for each in sys.meta_path if each not in before]
        print(json.dumps([len(added), added[0].find_spec("asyncio"), added[0].find_spec("trio")]))
    """
    assert [1, None, None] == in_new_process(source)


def test_watching_for_trio_skips_no_finder() -> None:
    """Any finder that would have found trio still finds it, including the first one."""
    source = """
        import json, sys
        from importlib.machinery import PathFinder
        sys.meta_path.sort(key=lambda finder: finder is not PathFinder)
        import _looks
        import trio
        print(json.dumps([trio.run(_looks.look_async), _looks.look()]))
    """
    assert [list(TRIO), list(NOWHERE)] == in_new_process(source)


@pytest.mark.parametrize(
    ("first", "then"),
    [
        pytest.param("import trio", "pass", id="before"),
        pytest.param("pass", "import trio", id="after"),
        pytest.param("pass", "import anyio, trio.abc", id="after, by its parts"),
        pytest.param("pass", "import importlib; importlib.import_module('trio')", id="after, by name"),
        pytest.param(
            "pass",
            "import threading; thread = threading.Thread(target=__import__, args=['trio']); thread.start(); thread.join()",
            id="after, in a thread",
        ),
        pytest.param("pass", "import anyio; anyio.run(anyio.sleep, 0, backend='trio')", id="after, by anyio"),
    ],
)
def test_import_of_trio_is_noticed(first: str, then: str) -> None:
    """Guards of every kind notice trio, imported before or after they were created."""
    source = f"""
        import functools, json, os
        {first}
        from ginger_async_safe import SynchronousOnlyOperation, async_unsafe

        many = ", ".join(str(float(number)) for number in range(300))
        names = {{}}
        exec(f"def with_many_constants(): return [{{many}}]", names)

        class Example:
            @async_unsafe
            def method(self): return 1
            @async_unsafe
            @classmethod
            def class_method(cls): return 1
            @property
            @async_unsafe
            def attribute(self): return 1

        guards = {{
            "function": async_unsafe(lambda: 1),
            "wrapper": async_unsafe(names["with_many_constants"]),
            "builtin": async_unsafe(os.getpid),
            "partial": async_unsafe(functools.partial(int, "1")),
            "method": Example().method,
            "class method": Example.class_method,
            "property": lambda: Example().attribute,
        }}

        @async_unsafe
        def generator():
            yield 1
            yield 2

        made = generator()
        next(made)
        guards["generator"] = lambda: next(made)
        for guard in list(guards.values())[:-1]:
            guard()
        {then}
        import trio

        async def main():
            passed = []
            for name, guard in guards.items():
                try:
                    guard()
                except SynchronousOnlyOperation:
                    continue
                passed.append(name)
            return passed

        print(json.dumps(trio.run(main)))
    """
    assert [] == in_new_process(source)


@pytest.mark.parametrize(
    "guard",
    [
        "async_unsafe(lambda: 1)",
        "async_unsafe(os.getpid)",
        "async_unsafe(functools.partial(int, '1'))",
        "functools.partial(next, async_unsafe(lambda: (yield 1))())",
        "async_unsafe.guard(type('Of', (list,), {}), 'copy')().copy",
    ],
    ids=["function", "builtin", "partial", "generator", "method written in C"],
)
def test_one_guard_of_any_kind_watches_for_trio(guard: str) -> None:
    """The only guard of a program notices trio, whatever it guards."""
    source = f"""
        import functools, json, os
        from ginger_async_safe import SynchronousOnlyOperation, async_unsafe

        guard = {guard}
        import trio

        async def main():
            try:
                guard()
            except SynchronousOnlyOperation:
                return True

        print(json.dumps(trio.run(main)))
    """
    assert True is in_new_process(source)


def test_trio_half_imported() -> None:
    """While another thread is at any point of importing trio, detection stays right."""
    source = """
        import asyncio, json, queue, sys, threading
        from _looks import look, look_async

        points, go_on = queue.SimpleQueue(), queue.SimpleQueue()

        class Pausing:
            def find_spec(self, name, path=None, target=None):
                if name.partition(".")[0] == "trio" and threading.current_thread() is importing:
                    points.put(name)
                    go_on.get()

        def import_trio():
            import trio
            points.put(None)

        importing = threading.Thread(target=import_trio)
        sys.meta_path.insert(0, Pausing())
        importing.start()
        looks = []
        while points.get() is not None:
            looks.append([look(), asyncio.run(look_async()), look()])
            go_on.put(None)
        importing.join()
        import trio
        print(json.dumps([looks, trio.run(look_async)]))
    """
    looks, after = in_new_process(source)
    assert len(looks) > 20
    assert [[list(NOWHERE), list(ASYNCIO), list(NOWHERE)]] * len(looks) == looks
    assert list(TRIO) == after


def test_trio_that_cannot_be_imported() -> None:
    """A program that tries to import trio, which is not installed, runs as before."""
    source = """
        import asyncio, json, sys
        from _looks import look, look_async

        class NoTrio:
            def find_spec(self, name, path=None, target=None):
                if name == "trio":
                    raise ModuleNotFoundError(name)

        sys.meta_path.insert(1, NoTrio())
        try:
            import trio
        except ImportError:
            looks = [look(), asyncio.run(look_async())]
        sys.modules["trio"] = None
        print(json.dumps([*looks, look(), asyncio.run(look_async())]))
    """
    assert list(map(list, [NOWHERE, ASYNCIO, NOWHERE, ASYNCIO])) == in_new_process(source)
