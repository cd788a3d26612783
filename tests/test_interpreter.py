"""The guard in subinterpreters: it works there, or reports once what it cannot do; and the program runs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from importlib import import_module
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

_OUTER = """
import os, sys

PROGRAM = {program!r}

if sys.version_info >= (3, 14):
    from concurrent import interpreters

    inner = interpreters.create()
    inner.exec(PROGRAM)
    inner.close()
elif sys.version_info >= (3, 13):
    import _interpreters

    inner = _interpreters.create()
    failed = _interpreters.exec(inner, PROGRAM)
    assert failed is None, failed.formatted
    _interpreters.destroy(inner)
else:
    import _xxsubinterpreters

    inner = _xxsubinterpreters.create()
    _xxsubinterpreters.run_string(inner, PROGRAM)
    _xxsubinterpreters.destroy(inner)
{after}
sys.stdout.flush()
sys.stderr.flush()
"""

_END = "import os, sys; sys.stdout.flush(); sys.stderr.flush(); os._exit(0)\n"
"""Python 3.12 and 3.13 themselves may crash when a subinterpreter ends that has imported asyncio."""

_COVERAGE = "COVERAGE_PROCESS_CONFIG"
"""Has coverage measure each process; before Python 3.12 it fails, with a message, where a subinterpreter starts."""

_CRASHES_AT_END = (3, 12) <= sys.version_info < (3, 14)


def run_inside(tmp_path: Path, program: str, *, after: str = "", options: tuple[str, ...] = ()) -> list[str]:
    """Run a program in a subinterpreter, and return the lines of its output and of its log."""
    inside = textwrap.dedent(program) + (_END if _CRASHES_AT_END and not after else "")
    file = tmp_path / "program.py"
    file.write_text(
        _OUTER.format(program=inside, after=textwrap.dedent(after) + (_END if _CRASHES_AT_END else "")),
        encoding="utf-8",
    )
    ended = subprocess.run(
        [sys.executable, *options, str(file)],
        check=False,
        env={name: value for name, value in os.environ.items() if name != _COVERAGE},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert ended.returncode == 0, ended.stdout
    return ended.stdout.splitlines()


GUARDS = """
    import asyncio
    import ginger_async_safe as guard

    @guard.async_unsafe
    def blocking():
        return "it ran"

    @guard.async_unsafe
    def pieces():
        yield "it ran"

    def outcome(call):
        try:
            return call()
        except guard.SynchronousOnlyOperation as error:
            return f"stopped in {error.violation.task}"

    async def main():
        print(outcome(blocking))
        print(outcome(lambda: next(pieces())))
        with guard.allow_async_unsafe():
            print(outcome(blocking))

    guard.configure(log_raised=False)
    print(blocking())
    asyncio.run(main())
    guard.configure(policy="ignore")
    asyncio.run(main())
"""


def test_marked_calls(tmp_path: Path) -> None:
    """Marked calls, policies and grants work as everywhere."""
    stopped = ["stopped in Task-1", "stopped in Task-1", "it ran"]
    assert run_inside(tmp_path, GUARDS) == ["it ran", *stopped, "it ran", "it ran", "it ran"]


RULES = """
    import asyncio, os, threading, time
    import ginger_async_safe as guard

    async def main():
        try:
            time.sleep(0.001)
        except guard.SynchronousOnlyOperation as error:
            print(error.violation.call)
        with guard.allow_async_unsafe():
            with open(os.devnull, "w") as file:
                file.write("text")
            with threading.Lock():
                print("it ran")

    guard.configure(log_raised=False)
    on = guard.guard_blocking_calls()
    asyncio.run(main())
    on.stop()
    guard.configure(policy="ignore")
    time.sleep(0)
"""


def test_rules(tmp_path: Path) -> None:
    """The rules are in force; before Python 3.13, without those that would change C classes, which is reported."""
    warned = [] if sys.version_info >= (3, 13) else ["rules for methods of classes written in C"]
    assert [*warned, "time.sleep", "it ran"] == [each.partition(" (")[0] for each in run_inside(tmp_path, RULES)]


def test_rules_end_with_their_interpreter(tmp_path: Path) -> None:
    """The guard of a subinterpreter does not affect the main one: neither while both run, nor after the other has ended."""
    after = """
        import asyncio, threading, time

        async def main():
            time.sleep(0.001)
            with open(os.devnull, "w") as file, threading.Lock():
                file.write("text")
            print("it ran outside")

        asyncio.run(main())
    """
    program = """
        import ginger_async_safe as guard
        guard.guard_blocking_calls()
    """
    assert "it ran outside" in run_inside(tmp_path, program, after=after)


WATCH = """
    import asyncio
    import ginger_async_safe as guard

    async def main():
        await asyncio.sleep(0)
        return "it ran"

    with guard.watch_loops() as watch:
        print(asyncio.run(main()))
        print(asyncio.run(main()), len(watch.blocked))
"""


@pytest.mark.parametrize("options", [(), ("-W", "error")], ids=["", "errors"])
def test_watch(tmp_path: Path, options: tuple[str, ...]) -> None:
    """Loops run, and the watch reports once that it does not work there."""
    warned, *rest = run_inside(tmp_path, WATCH, options=options)
    assert warned.startswith("event loops are not watched in this interpreter")
    assert rest == ["it ran", "it ran 0"]


@pytest.mark.skipif(_CRASHES_AT_END, reason="Python 3.12 and 3.13 themselves may crash when such a subinterpreter ends")
def test_report(tmp_path: Path) -> None:
    """What the rules find in a subinterpreter is in the report of a program that is run."""
    sleeping = "import asyncio, time\nasync def main():\n    time.sleep(0.001)\nasyncio.run(main())\n"
    program, report = tmp_path / "program.py", tmp_path / "report.json"
    program.write_text(_OUTER.format(program=sleeping, after=sleeping), encoding="utf-8")
    command = [sys.executable, "-m", "ginger_async_safe", "run", "--report", str(report), str(program)]
    ended = subprocess.run(command, check=False, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    assert "2 violations at 2 places" in ended.stderr
    assert "time.sleep" in json.dumps(json.loads(report.read_text(encoding="utf-8")))


@pytest.mark.skipif(sys.version_info < (3, 14), reason="there is no InterpreterPoolExecutor before Python 3.14")
def test_pool_of_interpreters(tmp_path: Path) -> None:
    """What a pool of interpreters runs is guarded there, and the task that waits for it is not stopped."""
    (tmp_path / "jobs.py").write_text(textwrap.dedent(GUARDS.replace("asyncio.run(main())", "")), encoding="utf-8")
    file = tmp_path / "program.py"
    file.write_text(
        textwrap.dedent("""
            import asyncio
            from concurrent.futures import InterpreterPoolExecutor
            import ginger_async_safe as guard
            import jobs

            async def main():
                pool = InterpreterPoolExecutor(1)
                print(await asyncio.get_running_loop().run_in_executor(pool, jobs.blocking))
                pool.shutdown()

            if __name__ == "__main__":
                guard.guard_blocking_calls()
                asyncio.run(main())
        """),
        encoding="utf-8",
    )
    ended = subprocess.run([sys.executable, str(file)], check=False, capture_output=True, text=True)
    assert "it ran" in ended.stdout.splitlines(), ended.stderr
    assert ended.returncode == 0, ended.stderr


def test_main_interpreter() -> None:
    """This is the main interpreter, in which everything works."""
    assert import_module("ginger_async_safe._runtime.interpreter").is_main()
