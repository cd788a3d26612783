"""A new event loop library is one object that implements the protocol: detection, reports, rules and the watch follow."""

from __future__ import annotations

import ast
import re
import textwrap
from pathlib import Path
from typing import Any

import pytest
from _looks import ASYNCIO, NOWHERE, Look
from _running import in_new_process

import ginger_async_safe

TOY = Look(is_async=True, library="_toy_loop", is_stopped=True)


def with_toy_library(source: str) -> Any:
    """Run source code in a new process whose list of event loop libraries has the toy library too."""
    return in_new_process(f"import _toy_loops; _toy_loops.add_to_libraries()\n{textwrap.dedent(source)}")


# -- Detection


def test_detection() -> None:
    """Tasks, what they call, async generators and callbacks are async contexts; a thread and the time after are not."""
    source = """
        import contextlib, json
        from _looks import in_copied_context, look, look_async
        import _toy_loop

        async def generator():
            yield look()

        async def main():
            looks = {"task": look(), "below it": in_copied_context(), "awaited": await look_async()}
            async with contextlib.aclosing(generator()) as looked:
                async for looks["generator"] in looked:
                    pass
            _toy_loop.call_soon(lambda: looks.update(callback=look()))
            await _toy_loop.sleep(0)
            return {**looks, "thread": await _toy_loop.to_thread(look)}

        print(json.dumps([look(), _toy_loop.run(main()), look()]))
    """
    before, looks, after = with_toy_library(source)
    assert [list(NOWHERE)] * 2 == [before, after]
    assert list(NOWHERE) == looks.pop("thread")
    assert {each: list(TOY) for each in ("task", "below it", "awaited", "generator", "callback")} == looks


@pytest.mark.parametrize("others", ["", "import trio", "import _toy_loop", "import trio, _toy_loop"])
def test_import_is_noticed(others: str) -> None:
    """A guard that is older than the import of a library covers it, whichever of the libraries comes first."""
    source = f"""
        import json
        from ginger_async_safe import SynchronousOnlyOperation, async_unsafe

        guards = [async_unsafe(lambda: 1), async_unsafe(min)]
        {others or "pass"}
        import _toy_loop, trio

        async def main():
            stopped = 0
            for guard in guards:
                try:
                    guard()
                except SynchronousOnlyOperation:
                    stopped += 1
            return stopped

        print(json.dumps([_toy_loop.run(main()), trio.run(main)]))
    """
    assert [2, 2] == with_toy_library(source)


def test_inside_one_another() -> None:
    """Where its loop and asyncio's run inside one another, the inner one counts."""
    source = """
        import asyncio, json
        from _looks import look, look_async
        import _toy_loop

        async def outer(run):
            return [look(), run(look_async()), look()]

        print(json.dumps([asyncio.run(outer(_toy_loop.run)), _toy_loop.run(outer(asyncio.run))]))
    """
    in_asyncio, in_toy = with_toy_library(source)
    assert list(map(list, (ASYNCIO, TOY, ASYNCIO))) == in_asyncio
    assert list(map(list, (TOY, ASYNCIO, TOY))) == in_toy


# -- Reports


def test_report() -> None:
    """The report has the task's name, the async function, and the library's own way to call a function in a thread."""
    source = """
        import json
        from ginger_async_safe import SynchronousOnlyOperation, async_unsafe
        import _toy_loop

        @async_unsafe
        def connect():
            return "connected"

        def totals(month=1):
            return connect()

        async def dashboard():
            try:
                totals()
            except SynchronousOnlyOperation as error:
                violation = error.violation
            return violation.to_dict(), list(violation.lines()), await eval(violation.fix.removeprefix("await "), {
                "_toy_loop": _toy_loop, "totals": totals
            })

        print(json.dumps(_toy_loop.run(dashboard())))
    """
    record, lines, fixed = with_toy_library(source)
    fix = "await _toy_loop.to_thread(totals, ...)"
    assert {"library": "_toy_loop", "loop": "_toy_loop", "task": "main", "fix": fix}.items() <= record.items()
    assert ("dashboard", True) == (record["async_caller"]["function"], record["async_caller"]["is_async"])
    assert ["dashboard", "totals", "connect"] == record["path"]
    assert lines[2].startswith("  inside    ")
    assert lines[2].endswith("in async dashboard   (task 'main', _toy_loop)")
    assert "connected" == fixed


def test_report_of_a_callback() -> None:
    """In a callback there is no task, and the fix uses no await."""
    source = """
        import json
        from ginger_async_safe import SynchronousOnlyOperation, async_unsafe
        import _toy_loop

        @async_unsafe
        def connect():
            pass

        def callback():
            try:
                connect()
            except SynchronousOnlyOperation as error:
                violations.append(error.violation)

        async def main():
            _toy_loop.call_soon(callback)
            await _toy_loop.sleep(0)

        violations = []
        _toy_loop.run(main())
        print(json.dumps([(each.task, each.async_caller, each.path, each.fix) for each in violations]))
    """
    fix = '_toy_loop.spawn("blocking", _toy_loop.to_thread(callback, ...))'
    assert [[None, None, ["callback", "connect"], fix]] == with_toy_library(source)


# -- Rules


def test_rules() -> None:
    """Rules stop the blocking calls of tasks and callbacks; how the loop itself waits is no violation."""
    source = """
        import functools, json, time
        from ginger_async_safe import add_listener, configure, guard_blocking_calls
        import _toy_loop

        async def main():
            time.sleep(0.001)
            _toy_loop.call_soon(functools.partial(time.sleep, 0.001))
            await _toy_loop.sleep(0.01)
            await _toy_loop.to_thread(time.sleep, 0.001)

        found = []
        configure(policy="ignore")
        add_listener(found.append)
        with guard_blocking_calls():
            _toy_loop.run(main())
        print(json.dumps([(each.call, each.task, each.fix) for each in found]))
    """
    assert [
        ["time.sleep", "main", "await _toy_loop.to_thread(sleep, ...)"],
        ["time.sleep", None, '_toy_loop.spawn("blocking", _toy_loop.to_thread(sleep, ...))'],
    ] == with_toy_library(source)


# -- The watch


def test_watch() -> None:
    """A blocked loop is reported with its task and fix, while it is blocked; one that waits is not."""
    source = """
        import json, threading
        from ginger_async_safe import watch_loops
        import _toy_loop

        is_reported = threading.Event()
        reports = []

        def report(found):
            reports.append(found)
            is_reported.set()

        async def main():
            await _toy_loop.sleep(0.2)
            is_reported.wait(20)

        with watch_loops(0.05, report=report):
            _toy_loop.run(main())
        print(json.dumps([(each.loop, each.task, each.path, each.fix) for each in reports]))
    """
    ((loop, task, path, fix),) = with_toy_library(source)
    assert ("_toy_loop", "main", "main") == (loop, task, path[0])
    assert fix.startswith("await _toy_loop.to_thread(")


# -- The plan


def test_other_modules_know_no_library() -> None:
    """No module beside the libraries' own names one in its code, but asyncio, on which the package itself relies."""
    package = Path(ginger_async_safe.__file__).parent
    names = re.compile(r"\b(trio|uvloop|anyio|sniffio|outcome|nest_asyncio2?)\b")
    found = {
        str(path.relative_to(package))
        for path in package.rglob("*.py")
        if any(map(names.search, strings(ast.parse(path.read_text(encoding="utf-8")))))
    }
    of_libraries = {each for each in found if each.startswith("_detect/loops/")}
    of_check = {each for each in found if each.startswith("lint/")}  # what calls in source code return
    # Programs that run others, and the advice to start a server otherwise.
    assert {"cli/first_party.py", "asgi/required_loop.py"} == found - of_libraries - of_check


def strings(tree: ast.AST) -> list[str]:
    """Return the strings of a module that are not statements of their own, as docstrings are."""
    statements = {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    constants = [node for node in ast.walk(tree) if isinstance(node, ast.Constant) and node not in statements]
    return [node.value for node in constants if isinstance(node.value, str)]
