"""The watch is accurate on a busy machine, in a program of many threads, and when the process or the machine is stopped."""

# ruff: noqa: ASYNC251 - these tests block loops on purpose

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
import time
import zlib
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
import trio
from _debugger import at_breakpoint, debugging
from _running import TIMEOUT, in_new_process

from ginger_async_safe import LoopWatch, allow_async_unsafe, async_unsafe, configure, guard_blocking_calls, watch_loops
from ginger_async_safe.monitor.clocks import ThreadClock
from ginger_async_safe.monitor.system import wants_to_run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from _running import OnLoop

    from ginger_async_safe import BlockedLoop

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux reports what single threads do")

QUICK = 0.05
"""Seconds that a loop may be blocked in a test that waits for a report."""


class Reports(list["BlockedLoop"]):
    """What a watch has reported so far."""


@contextmanager
def watched(threshold: float = QUICK) -> Iterator[tuple[LoopWatch, Reports]]:
    """Watch loops, and collect what is reported."""
    reports = Reports()
    with watch_loops(threshold, report=reports.append) as watch:
        yield watch, reports


@contextmanager
def busy_machine() -> Iterator[None]:
    """Keep every processor of the machine more than busy."""
    programs = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(2 * (os.cpu_count() or 1))]
    try:
        yield
    finally:
        for each in programs:
            each.kill()
            each.wait(TIMEOUT)


def counted(watch: LoopWatch) -> int:
    """Return how often a loop was found blocked."""
    return sum(each.count for each in watch.blocked)


def again(block: Callable[[], object], condition: Callable[[], bool]) -> None:
    """Block repeatedly, without releasing the thread, until a condition is true."""
    end = time.monotonic() + TIMEOUT
    while not condition():
        assert time.monotonic() < end, "nothing was found"
        block()


def computed(seconds: float) -> int:
    """Run Python code until this thread has used that much processor time."""
    end = time.thread_time() + seconds
    turns = 0
    while time.thread_time() < end:
        turns += 1
    return turns


class TestClocks:
    """What the operating system reports about a thread."""

    @on_linux
    def test_queue(self) -> None:
        """It reports for how long and how often a thread was ready, but did not run."""
        clock = ThreadClock()
        before = clock.completed(clock.read(time.monotonic(), time.process_time()))
        end = time.monotonic() + TIMEOUT
        after = before
        while after.slices == before.slices:
            assert time.monotonic() < end
            time.sleep(0.001)
            after = clock.completed(after)
        assert before.slices is not None
        assert after.slices is not None
        assert after.slices > before.slices
        assert after.delayed >= before.delayed > 0

    @on_linux
    def test_wants_to_run(self) -> None:
        """A thread that waits for the interpreter lock wants to run; one that sleeps, or waits for another lock, does not."""
        gate, is_over = threading.Lock(), threading.Event()
        gate.acquire()

        def compute() -> None:
            while not is_over.is_set():
                pass

        kinds: dict[str, Callable[[], object]] = {
            "computing": compute,
            "waiting for a lock": lambda: gate.acquire(timeout=TIMEOUT),
            "waiting for an event": lambda: is_over.wait(TIMEOUT),
        }
        threads = {name: threading.Thread(target=function) for name, function in kinds.items()}
        for each in threads.values():
            each.start()
        numbers = {name: each.native_id or 0 for name, each in threads.items()}
        try:
            end = time.monotonic() + TIMEOUT
            while {name: wants_to_run(number) for name, number in numbers.items()} != {
                "computing": True,
                "waiting for a lock": False,
                "waiting for an event": False,
            }:
                assert time.monotonic() < end
            assert sum(wants_to_run(numbers["computing"]) is True for _ in range(100)) > 80
        finally:
            is_over.set()
            gate.release()
            for each in threads.values():
                each.join(TIMEOUT)


class TestKinds:
    """What a thread does is distinguished from how much processor time it gets."""

    @on_linux
    def test_busy_machine(self) -> None:
        """On a busy machine, computing is reported as computing, waiting as waiting, and each is one place."""

        def computes() -> None:
            computed(0.2)

        def waits() -> None:
            time.sleep(0.2)

        async def main() -> None:
            for _ in range(3):
                computes()
                await asyncio.sleep(0.01)
                waits()
                await asyncio.sleep(0.01)

        with watched(0.1) as (watch, _), busy_machine():
            asyncio.run(main())
        found = {each.path[1]: each.doing for each in watch.blocked}
        assert len(found) == len(watch.blocked)
        assert found.items() <= {"computes": "computing", "waits": "waiting"}.items()
        assert "waits" in found

    def test_one_place(self) -> None:
        """A function that sometimes waits and sometimes computes is one place."""

        def work(turn: int) -> None:
            if turn % 2:
                again(lambda: computed(2 * QUICK), lambda: counted(watch) > turn)
            else:
                again(lambda: time.sleep(2 * QUICK), lambda: counted(watch) > turn)

        async def main() -> None:
            for turn in range(4):
                work(turn)
                await asyncio.sleep(2 * QUICK)

        with watched() as (watch, reports):
            asyncio.run(main())
        by_path = {each.path[:2] for each in watch.blocked}
        assert {("main", "work")} == {tuple(name.rpartition(".")[2] for name in path) for path in by_path}
        assert len({each.blocked_at and each.blocked_at.qualname for each in watch.blocked}) == len(watch.blocked)
        assert len(reports) == len(watch.blocked)


class TestRemedies:
    """A thread is the fix where it helps."""

    def reported(self, on_loop: OnLoop, block: Callable[[], object], is_right: Callable[[BlockedLoop], bool]) -> None:
        """Block a loop until the report is right: on a busy machine a single try may be measured wrongly."""
        end = time.monotonic() + TIMEOUT
        while True:
            with watched() as (_, reports):

                async def main(until: Reports = reports) -> None:
                    again(block, lambda: bool(until))

                on_loop(main)
            if is_right(reports[0]):
                return
            assert time.monotonic() < end, str(reports[0])

    def test_lock_held(self, on_loop: OnLoop) -> None:
        """A C call that holds the interpreter lock belongs in a process."""
        self.reported(
            on_loop,
            lambda: sum(range(30_000_000)),
            lambda found: (
                found.holds_lock
                and found.remedy == "process"
                and "process_pool" in found.fix
                and "ProcessPoolExecutor()" in found.fix
                and ("InterpreterPoolExecutor()" in found.fix) == (sys.version_info >= (3, 14))
                and "use a process" in found.message
            ),
        )

    def test_python(self, on_loop: OnLoop) -> None:
        """Python code that computes belongs in a process; for a thread, the report says what it costs."""
        self.reported(
            on_loop,
            lambda: computed(4 * QUICK),
            lambda found: (
                not found.holds_lock
                and found.remedy == "process"
                and "in a thread it does not block the loop, but slows it down" in found.fix
            ),
        )

    def test_lock_given_up(self, on_loop: OnLoop) -> None:
        """A C call that computes without the lock belongs in a thread."""
        data = bytes(range(256)) * 40_000
        self.reported(
            on_loop,
            lambda: zlib.compress(data, 9),
            lambda found: found.remedy == "thread" and "process_pool" not in found.fix,
        )


class TestFirstStep:
    """What blocks a loop before the watch's thread has checked it once is detected nevertheless."""

    @on_linux
    def test_lock_held(self, on_loop: OnLoop, monkeypatch: pytest.MonkeyPatch) -> None:
        """A C call holds the interpreter lock while that thread starts."""
        begun: list[threading.Event] = []
        begins = LoopWatch._watch

        def waits(watch: LoopWatch) -> None:
            begun[-1].wait(TIMEOUT)
            begins(watch)

        async def main() -> None:
            begun[-1].set()
            sum(range(30_000_000))

        monkeypatch.setattr(LoopWatch, "_watch", waits)
        end = time.monotonic() + TIMEOUT
        reports = Reports()
        while not reports:  # on a busy machine the thread may have checked it before the call begins
            assert time.monotonic() < end, "nothing was found"
            begun.append(threading.Event())
            with watch_loops(QUICK, report=reports.append):
                on_loop(main)
        (report,) = reports
        assert (True, "main") == (report.holds_lock, report.blocked_at and report.blocked_at.function), str(report)

    def test_settings(self, on_loop: OnLoop, monkeypatch: pytest.MonkeyPatch) -> None:
        """That thread reads no file before its first check: a loop could continue meanwhile."""
        threads: list[threading.Thread] = []
        current = sys.modules["ginger_async_safe._config.settings"].current

        def noting(name: str) -> Any:
            threads.append(threading.current_thread())
            return current(name)

        monkeypatch.setattr("ginger_async_safe.monitor.watch.settings", SimpleNamespace(current=noting))

        async def main() -> None:
            again(lambda: time.sleep(4 * QUICK), lambda: bool(reports))

        with watched() as (_, reports):
            on_loop(main)
        assert {threading.current_thread()} == set(threads)


class TestHeldByOthers:
    """A C call of another thread that holds the interpreter lock blocks every loop."""

    @on_linux
    def test_other_thread(self, on_loop: OnLoop) -> None:
        """It is reported afterwards, with the thread and its place, and a process as the fix."""

        def crunch() -> None:
            sum(range(40_000_000))

        async def main() -> None:
            end = time.monotonic() + TIMEOUT
            while not any(each.blocked_at and each.thread is not None for each in watch.blocked):
                assert time.monotonic() < end, watch.blocked
                if trio.lowlevel.in_trio_run():
                    await trio.to_thread.run_sync(crunch)
                    await trio.sleep(QUICK)
                else:
                    await asyncio.to_thread(crunch)
                    await asyncio.sleep(QUICK)

        with watched() as (watch, reports):
            on_loop(main)
        report = next(each for each in reports if each.blocked_at and each.thread is not None)
        assert report.blocked_at is not None
        assert crunch.__code__.co_firstlineno + 1 == report.blocked_at.line
        assert ("computing", True, "process", None) == (report.doing, report.holds_lock, report.remedy, report.task)
        assert "crunch" in report.fix
        assert "ProcessPoolExecutor()" in report.fix
        assert str(report).startswith(f"Every event loop was blocked for {report.seconds:.2f} s by thread ")
        assert f"  thread      {report.thread}   (" in str(report)
        assert report.thread == json.loads(json.dumps(report.to_dict()))["thread"]

    def test_python_threads(self) -> None:
        """Threads that run Python code release the lock, and are not reported, also on a busy machine."""

        async def main() -> None:
            with ThreadPoolExecutor(3) as pool:
                for each in [pool.submit(computed, 0.3) for _ in range(3)]:
                    await asyncio.wrap_future(each)

        with watched() as (_, reports), busy_machine():
            asyncio.run(main())
        assert [] == [str(each) for each in reports if each.thread is not None or each.holds_lock]


class TestGranted:
    """What a grant or a setting allows is counted, but not reported."""

    def test_grant(self, on_loop: OnLoop) -> None:
        """A block under a grant is listed with the grant's reason, and not reported."""

        async def main() -> None:
            with allow_async_unsafe(reason="before the first request"):
                again(lambda: time.sleep(2 * QUICK), lambda: counted(watch) > 0)

        with watched() as (watch, reports):
            on_loop(main)
        assert [] == reports
        assert {"before the first request"} == {each.granted for each in watch.blocked}
        assert "  granted     before the first request" in str(watch.blocked[0]).splitlines()

    def test_not_granted_everywhere(self, on_loop: OnLoop) -> None:
        """A place that blocks once under a grant and once without one is reported then."""

        async def main() -> None:
            with allow_async_unsafe(reason="at start-up"):
                work(0)
            await (trio.sleep if trio.lowlevel.in_trio_run() else asyncio.sleep)(2 * QUICK)
            work(counted(watch))

        def work(known: int) -> None:
            end = time.monotonic() + TIMEOUT
            while counted(watch) == known:
                assert time.monotonic() < end
                time.sleep(2 * QUICK)

        with watched() as (watch, reports):
            on_loop(main)
        assert [None] == [each.granted for each in reports]
        assert [None] == [each.granted for each in watch.blocked]

    def test_log(self, caplog: pytest.LogCaptureFixture) -> None:
        """It is not logged, not even at the end."""

        async def main() -> None:
            for known in range(2):
                with allow_async_unsafe(reason="measured"):
                    again(lambda: time.sleep(2 * QUICK), lambda: counted(watch) > known)  # noqa: B023 - called at once
                await asyncio.sleep(2 * QUICK)

        with watch_loops(QUICK) as watch:
            asyncio.run(main())
        assert [] == caplog.messages

    def test_named_calls(self, on_loop: OnLoop) -> None:
        """A grant for some calls allows those, and nothing else in its block."""

        async def main() -> None:
            with allow_async_unsafe(reason="a pause", calls="time.sleep"):
                again(lambda: time.sleep(2 * QUICK), lambda: counted(watch) > 0)
                await (trio.sleep if trio.lowlevel.in_trio_run() else asyncio.sleep)(2 * QUICK)
                again(partial(computed, 2 * QUICK), lambda: bool(reports))

        with guard_blocking_calls(), watched() as (watch, reports):
            on_loop(main)
        assert "a pause" in {each.granted for each in watch.blocked}
        assert {None} == {each.granted for each in reports}
        assert "computed" in reports[0].path

    @pytest.mark.parametrize("how", ["allow", "hatch"])
    def test_settings(self, how: str, monkeypatch: pytest.MonkeyPatch) -> None:
        """What the setting ``allow`` names is not reported; what the escape hatch allows is."""

        @async_unsafe
        def pause() -> None:
            time.sleep(2 * QUICK)

        async def main() -> None:
            again(pause, lambda: counted(watch) > 0)

        if how == "allow":
            configure(allow=["test_monitor_busy.*"])
        else:
            monkeypatch.setenv("GINGER_ALLOW_ASYNC_UNSAFE", "1")
        with watched() as (watch, reports):
            asyncio.run(main())
        assert ["allow from configure()" if how == "allow" else None] == [each.granted for each in watch.blocked]
        assert (how == "hatch") == bool(reports)


PROGRAM = """
import asyncio, json, os, sys, threading, time
from ginger_async_safe import watch_loops

reports = []
"""


class TestStoppedTime:
    """Time in which the process did not run is not reported."""

    @pytest.mark.skipif(sys.platform == "win32", reason="needs signals")
    @pytest.mark.parametrize("seconds", [0.12, 1.0])
    @pytest.mark.parametrize("work", ["await asyncio.sleep(0)", "time.sleep(0.1); await asyncio.sleep(0)"])
    def test_stopped(self, work: str, seconds: float) -> None:
        """A process that is stopped is not reported when it continues, however often and however briefly."""
        source = PROGRAM + (
            "async def main():\n"
            "    print('started', flush=True)\n"
            "    while not is_over.is_set():\n"
            f"        {work}\n"
            "def read():\n"
            "    sys.stdin.readline()\n"
            "    is_over.set()\n"
            "is_over = threading.Event()\n"
            "threading.Thread(target=read).start()\n"
            "with watch_loops(0.3, report=reports.append):\n"
            "    asyncio.run(main())\n"
            "print(json.dumps([str(each) for each in reports]))\n"
        )
        with subprocess.Popen(
            [sys.executable, "-c", source], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as program:
            assert program.stdout is not None
            program.stdout.readline()
            for _ in range(3):
                program.send_signal(signal.SIGSTOP)
                os.waitid(os.P_PID, program.pid, os.WSTOPPED)
                time.sleep(seconds)  # as long as the process is stopped
                program.send_signal(signal.SIGCONT)
                os.waitid(os.P_PID, program.pid, os.WCONTINUED)
                time.sleep(0.2)  # and as long as it continues
            assert [] == json.loads(program.communicate("over\n", timeout=TIMEOUT)[0])

    @pytest.mark.parametrize("jump", [0.14, 10.0, 86_400.0])
    @pytest.mark.parametrize("is_idle", [True, False])
    def test_clock_jumps(self, monkeypatch: pytest.MonkeyPatch, jump: float, is_idle: bool) -> None:
        """A clock that jumps, as some do when a machine wakes up, causes no report."""
        now, slept = time.monotonic, [0.0]
        monkeypatch.setattr(time, "monotonic", lambda: now() + slept[0])

        async def main() -> None:
            for _ in range(3):
                slept[0] += jump
                end = now() + 0.5
                while now() < end:
                    time.sleep(0.02)
                    await asyncio.sleep(0.02 if is_idle else 0)

        with watched(0.3) as (watch, reports):
            asyncio.run(main())
        assert ([], ()) == (reports, watch.blocked)

    def test_clock_jumps_during_a_check(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A jump between the beginning and the end of a check causes none, either."""
        now, slept = time.monotonic, [0.0]
        looks = LoopWatch._look

        def look(*args: Any, **named: Any) -> Any:
            found = looks(*args, **named)
            slept[0] += 10.0
            return found

        async def main() -> None:
            while slept[0] < 30.0:
                time.sleep(0.02)
                await asyncio.sleep(0)

        monkeypatch.setattr(time, "monotonic", lambda: now() + slept[0])
        monkeypatch.setattr(LoopWatch, "_look", look)
        with watched(0.3) as (watch, reports):
            asyncio.run(main())
        assert ([], ()) == (reports, watch.blocked)

    def test_slow_report(self) -> None:
        """Another loop is not reported for the time that reporting the first one took."""
        is_reported, is_over = threading.Event(), threading.Event()

        def report(found: BlockedLoop) -> None:
            reported.append(found)
            is_reported.set()
            time.sleep(1)
            is_over.set()

        async def blocked() -> None:
            is_reported.wait(TIMEOUT)

        async def busy() -> None:
            while not is_over.is_set():  # noqa: ASYNC110 - the loop has to run
                await asyncio.sleep(0)
            computed(0.1)

        reported: list[BlockedLoop] = []
        with watch_loops(0.4, report=report), ThreadPoolExecutor(2) as pool:
            for each in [pool.submit(asyncio.run, main()) for main in (busy, blocked)]:
                each.result(TIMEOUT)
        assert ["blocked"] == [each.path[0].rpartition(".")[2] for each in reported]

    def test_debugpy(self, tmp_path: Path) -> None:
        """A loop at a breakpoint of debugpy is not reported."""
        program = tmp_path / "program.py"
        program.write_text(
            PROGRAM
            + "async def main():\n"
            + "    await asyncio.sleep(0)\n"
            + "    pass  # here\n"
            + "    await asyncio.sleep(0)\n"
            + "with watch_loops(0.2, report=reports.append):\n"
            + "    asyncio.run(main())\n"
            + "print(json.dumps([str(each) for each in reports]), flush=True)\n",
            encoding="utf-8",
        )
        with debugging(program) as (debugger, process):
            thread = at_breakpoint(debugger, program, "    pass  # here")
            time.sleep(1)  # a user thinks
            debugger.request("continue", threadId=thread)
            assert process.stdout is not None
            assert [] == json.loads(process.stdout.readline())
            debugger.wait("terminated")


class TestManyLoops:
    """Many loops cost little, and none is reported for what the others do."""

    @on_linux
    def test_idle_threads_are_not_read(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Of loops whose threads do not run, no frame is read."""
        looks = []
        current_frames = sys._current_frames

        def look() -> Any:
            looks.append(time.monotonic())
            return current_frames()

        async def main() -> None:
            await asyncio.sleep(0.2)
            monkeypatch.setattr(sys, "_current_frames", look)
            await asyncio.sleep(1)
            monkeypatch.undo()

        with watched():
            asyncio.run(main())
        assert len(looks) <= 5  # at the beginning and the end of the sleep, and not forty times

    def test_start_and_end(self) -> None:
        """Hundreds of loops that start and end at one time are not reported."""
        source = PROGRAM + (
            "threading.stack_size(256 * 1024)\n"
            "is_over = threading.Event()\n"
            "async def main():\n"
            "    while not is_over.is_set():\n"
            "        await asyncio.sleep(0.1)\n"
            "with watch_loops(0.1, report=reports.append):\n"
            "    threads = [threading.Thread(target=lambda: asyncio.run(main())) for _ in range(300)]\n"
            "    for each in threads: each.start()\n"
            "    time.sleep(0.5)\n"
            "    is_over.set()\n"
            "    for each in threads: each.join()\n"
            "print(json.dumps([str(each) for each in reports]))\n"
        )
        assert [] == in_new_process(source)
