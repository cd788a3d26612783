"""The watch: a blocked loop is reported with the blocking line, while it is blocked there."""

# ruff: noqa: ASYNC105, ASYNC110, ASYNC222, ASYNC251 - these tests block loops on purpose

from __future__ import annotations

import asyncio
import ctypes
import gc
import json
import logging
import os
import pdb  # noqa: T100 - one of the tests is at its prompt
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import trio
import trio.testing
from _greenlets import LoopInChild, in_greenlet
from _kernels import Kernel
from _running import TIMEOUT, in_new_process, in_thread, nesting, new_loops

from ginger_async_safe import BlockedLoop, ConfigurationError, watch_loops
from ginger_async_safe.monitor.running import RunningLoop

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

    from _running import NewLoop, OnLoop

    from ginger_async_safe import LoopWatch

QUICK = 0.05
"""Seconds that a loop may be blocked in a test that waits for a report."""

PATIENT = 0.5
"""Seconds that a loop may be blocked in a test that expects no report: more than any test machine needs for an iteration."""

ATTEMPTS = 3
"""To see what a thread does: on a busy machine it may get too little time to be measured."""

PROGRAM = """
import ctypes
import os
import threading
import time
import asyncio
from ginger_async_safe import watch_loops

reports = []
reported = threading.Event()

def report(blocked):
    reports.append(blocked)
    reported.set()

"""


class Reports(list[BlockedLoop]):
    """What a watch has reported so far."""

    def __init__(self) -> None:
        self.came = threading.Event()

    def add(self, report: BlockedLoop) -> None:
        self.append(report)
        self.came.set()

    def until(self, block: Callable[[], object]) -> None:
        """Block repeatedly, without releasing the thread, until something is reported."""
        end = time.monotonic() + TIMEOUT
        while not self.came.is_set():
            assert time.monotonic() < end, "nothing was reported"
            block()


@contextmanager
def watched(threshold: float = QUICK) -> Iterator[tuple[LoopWatch, Reports]]:
    """Watch loops, and collect what is reported."""
    reports = Reports()
    with watch_loops(threshold, report=reports.add) as watch:
        yield watch, reports


def until(condition: Callable[[], bool]) -> None:
    """Wait for a condition, without releasing the thread."""
    end = time.monotonic() + TIMEOUT
    while not condition():
        assert time.monotonic() < end
        time.sleep(QUICK)


def counted(watch: LoopWatch) -> int:
    """Return how often a loop was found blocked."""
    return sum(each.count for each in watch.blocked)


def sleep(seconds: float) -> Any:
    """Return an awaitable for the loop that runs."""
    return trio.sleep(seconds) if trio.lowlevel.in_trio_run() else asyncio.sleep(seconds)


def compute() -> None:
    """Keep the interpreter busy for some time."""
    end = time.monotonic() + 4 * QUICK
    while time.monotonic() < end:
        pass


PYTHON_API = ctypes.PyDLL(None)  # calls through it keep the interpreter lock
C = ctypes.CDLL(None)  # and calls through this do not

BLOCKING: dict[str, tuple[Callable[[], object], str, bool]] = {
    "computing": (compute, "computing", False),
    "sleeping": (lambda: time.sleep(4 * QUICK), "waiting", False),
    "computing in C with the lock": (lambda: sum(range(20_000_000)), "computing", True),
    "sleeping in C with the lock": (lambda: PYTHON_API.usleep(int(6e6 * QUICK)), "waiting", True),
    "sleeping in C without the lock": (lambda: C.usleep(int(6e6 * QUICK)), "waiting", False),
}


class TestReport:
    """What is reported, for what blocks."""

    @pytest.mark.parametrize("kind", BLOCKING)
    def test_kinds(self, on_loop: OnLoop, kind: str) -> None:
        """Whatever blocks a loop is reported, with what its thread does and whether the interpreter lock is held."""
        block, *expected = BLOCKING[kind]

        async def main(block_until_reported: Callable[[], None]) -> None:
            await sleep(2 * QUICK)
            block_until_reported()
            await sleep(0)

        def reported() -> BlockedLoop:
            with watched() as (_, reports):

                def block_until_reported() -> None:
                    reports.until(block)

                on_loop(lambda: main(block_until_reported))
            (report,) = reports
            return report

        found = [reported()]
        while len(found) < ATTEMPTS and [found[-1].doing, found[-1].holds_lock] != expected:
            found.append(reported())
        report = found[-1]
        assert [report.doing, report.holds_lock] == expected
        assert QUICK <= report.seconds
        assert report.blocked_at is not None
        assert __file__ == report.blocked_at.file
        assert report.async_caller is not None
        assert "main" == report.async_caller.function.rpartition(".")[2]
        assert report.path[:2] == (report.async_caller.function, "block_until_reported")

    def test_loop_task_and_fix(self, on_loop: OnLoop) -> None:
        """The loop, the task and the fix are the same as for a violation there."""
        ran_on = []

        async def main() -> None:
            ran_on.append("trio" if trio.lowlevel.in_trio_run() else type(asyncio.get_running_loop()).__module__)
            reports.until(lambda: time.sleep(QUICK))

        with watched() as (_, reports):
            on_loop(main)
        (report,) = reports
        if ran_on == ["trio"]:
            assert ("trio", "trio") == (report.library, report.loop)
            assert report.fix.startswith("await trio.to_thread.run_sync(")
        else:
            assert "asyncio" == report.library
            assert ("asyncio on uvloop" if ran_on == ["uvloop"] else "asyncio") == report.loop
            assert report.fix.startswith("await sync_to_async(")
        assert report.task is not None

    def test_text(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The text of a report has the form of a violation's."""
        monkeypatch.chdir(Path(__file__).parent)  # as places are shown
        gate = threading.Lock()
        gate.acquire()

        def report(blocked: BlockedLoop) -> None:
            reports.append(blocked)
            gate.release()

        async def dashboard() -> None:
            totals()

        def totals() -> None:
            gate.acquire(timeout=TIMEOUT)

        reports: list[BlockedLoop] = []
        with watch_loops(QUICK, report=report):
            asyncio.run(dashboard())
        (blocked,) = reports
        line = dashboard.__code__.co_firstlineno
        assert [
            f"The event loop was blocked for {blocked.seconds:.2f} s so far - use a thread or sync_to_async.",
            f"  blocked at  test_monitor.py:{line + 4} in totals   (waiting)",
            f"  inside      test_monitor.py:{line + 1} in async dashboard   (task {blocked.task!r}, asyncio)",
            "  path        dashboard → totals",
            "  fix         await sync_to_async(totals)(...)",
        ] == str(blocked).splitlines()
        assert (
            f"the event loop was blocked for {blocked.seconds:.2f} s so far, waiting at test_monitor.py:{line + 4} in totals; "
            "fix: await sync_to_async(totals)(...)"
        ) == blocked.summary()

    def test_to_dict(self) -> None:
        """A report can be converted to plain data, too."""

        async def main() -> None:
            reports.came.wait(TIMEOUT)

        with watched() as (_, reports):
            asyncio.run(main())
        plain = json.loads(json.dumps(reports[0].to_dict()))
        assert ("waiting", "asyncio", "main") == (plain["doing"], plain["library"], plain["path"][0])
        assert main.__code__.co_firstlineno + 1 == plain["blocked_at"]["line"]

    @new_loops
    def test_callback(self, new_loop: NewLoop) -> None:
        """A callback is reported without a task."""

        def callback() -> None:
            reports.until(lambda: time.sleep(QUICK))
            loop.stop()

        loop = new_loop()
        try:
            with watched() as (_, reports):
                loop.call_soon(callback)
                loop.run_forever()
        finally:
            loop.close()
        (report,) = reports
        assert (None, None) == (report.task, report.async_caller)
        assert "callback" == report.path[0]

    def test_once_then_counted(self, on_loop: OnLoop) -> None:
        """A place is reported once, then counted, with the total and the longest time."""

        async def main() -> None:
            for count in range(1, 4):
                until(lambda: counted(watch) == count)  # noqa: B023 - called at once
                await sleep(2 * QUICK)

        with watched() as (watch, reports):
            on_loop(main)
        assert len({each.blocked_at for each in reports}) == len(reports) == len(watch.blocked)
        assert 3 == counted(watch)
        for each in watch.blocked:
            assert QUICK <= each.longest <= each.total
            assert each.count * QUICK <= each.total

    def test_log(self, caplog: pytest.LogCaptureFixture) -> None:
        """By default the watch warns through the logger, not from the loop's thread, and logs the counts at the end."""
        threads = []

        async def main() -> None:
            for count in 1, 2:
                while counted(watch) < count:
                    time.sleep(4 * QUICK)
                await asyncio.sleep(2 * QUICK)

        def remember(record: logging.LogRecord) -> bool:
            threads.append(record.thread)
            return True

        logger = logging.getLogger("ginger_async_safe")
        logger.addFilter(remember)
        try:
            with watch_loops(QUICK) as watch:
                asyncio.run(main())
        finally:
            logger.removeFilter(remember)
        first, last = caplog.records
        assert (logging.WARNING, logging.WARNING) == (first.levelno, last.levelno)
        assert threads[0] != threading.get_ident()
        assert first.getMessage().startswith("the event loop was blocked for 0.")
        assert f"{watch.blocked[0].count} times" in last.getMessage()
        assert last.getMessage().endswith("; reported once")
        assert isinstance(first.blocked_loop, BlockedLoop)  # type: ignore[attr-defined]

    def test_report_fails(self, caplog: pytest.LogCaptureFixture) -> None:
        """If the callback raises an error, that is logged, and the watch continues."""

        def report(blocked: BlockedLoop) -> None:
            raise ZeroDivisionError

        async def main() -> None:
            until(lambda: len(caplog.records) == 1)
            await asyncio.sleep(2 * QUICK)
            while len(caplog.records) < 2:  # at another place
                time.sleep(QUICK)

        with watch_loops(QUICK, report=report):
            asyncio.run(main())
        assert {"ZeroDivisionError"} == {
            each.exc_info[0].__name__ for each in caplog.records if each.exc_info and each.exc_info[0]
        }


class TestNotReported:
    """What is never reported."""

    def test_idle(self, on_loop: OnLoop) -> None:
        """A loop that waits for events is not blocked, however long it waits."""
        with watched(0.01) as (watch, reports):
            on_loop(lambda: sleep(1))
        assert ([], ()) == (reports, watch.blocked)

    def test_idle_is_not_woken(self) -> None:
        """The watch does not wake a loop that waits."""
        calls = []

        async def main() -> None:
            loop = asyncio.get_running_loop()
            call_soon = loop.call_soon_threadsafe

            def count(*args: Any, **kwargs: Any) -> Any:
                calls.append(args)
                return call_soon(*args, **kwargs)

            loop.call_soon_threadsafe = count  # type: ignore[method-assign,assignment]
            await asyncio.sleep(0.5)

        with watched(0.1):
            asyncio.run(main())
        assert len(calls) <= 2  # at its start and end it may just have been running

    def test_autojump(self) -> None:
        """With the watch, trio's autojump clock for tests jumps as it does without."""

        async def main() -> float:
            for _ in range(100):
                await trio.sleep(3600)
            return trio.current_time()

        with watched(PATIENT) as (_, reports):
            start = time.monotonic()
            clock = trio.testing.MockClock(autojump_threshold=0)
            assert trio.run(main, clock=clock) >= 360_000
            assert time.monotonic() - start < TIMEOUT
        assert [] == reports

    def test_busy(self, on_loop: OnLoop) -> None:
        """A loop that is busy, but runs other callbacks in time, is not reported."""

        async def main() -> None:
            end = time.monotonic() + 3 * PATIENT
            while time.monotonic() < end:
                sum(range(1000))
                await sleep(0)

        with watched(PATIENT) as (_, reports):
            on_loop(main)
        assert [] == reports

    @pytest.mark.skipif(sys.platform == "win32", reason="needs signals")
    def test_stopped_process(self) -> None:
        """A process that was stopped is not reported when it continues."""
        source = (
            PROGRAM
            + """
async def main():
    print("started", flush=True)
    end = time.process_time() + 1
    while time.process_time() < end:
        await asyncio.sleep(0)

with watch_loops(0.3, report=report):
    asyncio.run(main())
print(len(reports))
"""
        )
        program = subprocess.Popen([sys.executable, "-c", source], stdout=subprocess.PIPE, text=True)
        assert program.stdout is not None
        program.stdout.readline()
        program.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, program.pid, os.WSTOPPED)
        time.sleep(1)
        program.send_signal(signal.SIGCONT)
        assert "0" == program.communicate(timeout=3 * TIMEOUT)[0].strip()

    def test_debugger(self) -> None:
        """A loop at a debugger's prompt is not reported."""

        class Prompt:
            """A user who thinks before typing."""

            def readline(self) -> str:
                time.sleep(10 * QUICK)
                return "continue\n"

        class Nowhere:
            def write(self, text: str) -> int:
                return len(text)

            def flush(self) -> None:
                pass

        async def main() -> None:
            debugger = pdb.Pdb(stdin=Prompt(), stdout=Nowhere(), nosigint=True, readrc=False)  # type: ignore[arg-type]
            debugger.set_trace()
            await asyncio.sleep(0)

        before = sys.gettrace()
        try:
            with watched() as (_, reports):
                asyncio.run(main())
        finally:
            sys.settrace(before)
        assert [] == reports

    def test_cell(self, tmp_path: Path) -> None:
        """A notebook cell that takes long is not reported, and a task that it starts is."""
        kernel = Kernel(tmp_path, dict(os.environ))
        try:
            kernel.run("import asyncio, time; from ginger_async_safe import watch_loops")
            kernel.run(f"reports = []; watch = watch_loops({QUICK}, report=reports.append)")
            kernel.run(f"time.sleep({10 * QUICK})")
            assert "0" == kernel.run("len(reports)").strip()
            kernel.run(
                f"async def main():\n    end = time.monotonic() + {TIMEOUT}\n"
                f"    while not reports and time.monotonic() < end: time.sleep({QUICK})\n"
                "await asyncio.create_task(main())"
            )
            assert "'main'" == kernel.run("reports[0].path[0]").strip()
        finally:
            kernel.shutdown()


class TestWhichLoops:
    """Which loops are watched."""

    def test_running_already(self, on_loop: OnLoop) -> None:
        """A watch that is switched on in a loop watches that loop."""
        reports = Reports()

        async def main() -> None:
            async with watch_loops(QUICK, report=reports.add):
                await sleep(0)
                reports.until(lambda: time.sleep(QUICK))

        on_loop(main)
        assert 1 == len(reports)

    @new_loops
    def test_switched_on_in_a_callback(self, new_loop: NewLoop) -> None:
        """So does one that is switched on in a callback."""
        reports = Reports()

        def callback() -> None:
            with watch_loops(QUICK, report=reports.add):
                reports.until(lambda: time.sleep(QUICK))
            loop.stop()

        loop = new_loop()
        try:
            loop.call_soon(callback)
            loop.run_forever()
        finally:
            loop.close()
        assert 1 == len(reports)

    def test_other_threads(self, on_loop: OnLoop) -> None:
        """Loops of other threads are watched, several at once."""
        release = threading.Event()

        async def main() -> None:
            assert release.wait(TIMEOUT)

        with watched() as (watch, _), ThreadPoolExecutor(2) as pool:
            running = [pool.submit(on_loop, main) for _ in range(2)]
            until(lambda: counted(watch) == 2)
            release.set()
            for each in running:
                each.result(TIMEOUT)
        assert 2 == counted(watch)

    def test_after_another(self, on_loop: OnLoop) -> None:
        """Each loop that starts is watched, also where there was none for a while."""

        async def main() -> None:
            before = counted(watch)
            until(lambda: counted(watch) > before)

        with watched() as (watch, _):
            for _ in range(3):
                on_loop(main)
                until(lambda: not watch_threads())
        assert 3 == counted(watch)

    def test_loop_in_a_loop(self) -> None:
        """A loop in which another one runs is blocked, and is reported at the call that runs the other one."""

        async def inner() -> None:
            while not reports.came.is_set():
                await trio.sleep(0.01)

        async def main() -> None:
            trio.run(inner)

        with watched() as (_, reports):
            asyncio.run(main())
        (report,) = reports
        assert "asyncio" == report.library
        assert report.blocked_at is not None
        assert main.__code__.co_firstlineno + 1 == report.blocked_at.line

    @nesting
    def test_nested_in_itself(self, nesting: str) -> None:
        """A loop that can be run inside itself is watched."""
        source = (
            PROGRAM
            + f"""
import json
import {nesting} as nest_asyncio

gate = threading.Lock()
gate.acquire()

def report(blocked):
    reports.append(blocked)
    gate.release()

async def inner():
    gate.acquire(timeout=20)

async def main():
    asyncio.get_running_loop().run_until_complete(inner())

loop = asyncio.new_event_loop()
nest_asyncio.apply(loop)
with watch_loops(0.05, report=report):
    loop.run_until_complete(main())
loop.close()
print(json.dumps([each.path for each in reports]))
"""
        )
        assert [["inner"]] == in_new_process(source)

    def test_guest(self, on_asyncio_loop: OnLoop) -> None:
        """What a trio guest of asyncio does is reported as trio's, what its host does as asyncio's, each once."""

        async def guest() -> None:
            reports.until(lambda: time.sleep(QUICK))
            await trio.sleep(0.01)

        async def main() -> None:
            loop = asyncio.get_running_loop()
            done = asyncio.Event()
            trio.lowlevel.start_guest_run(
                guest,
                run_sync_soon_threadsafe=loop.call_soon_threadsafe,
                done_callback=lambda _: done.set(),
                host_uses_signal_set_wakeup_fd=True,
            )
            while not reports:
                await asyncio.sleep(0.01)
            reports.came.clear()
            reports.until(lambda: time.sleep(QUICK))
            await done.wait()

        with watched() as (watch, reports):
            on_asyncio_loop(main)
        assert ["trio", "asyncio"] == [each.library for each in reports]
        assert [1, 1] == [each.count for each in watch.blocked]


class TestGreenlets:
    """A loop waits for the greenlets below its own, and for no others."""

    @new_loops
    def test_below(self, new_loop: NewLoop) -> None:
        """A greenlet below the loop's blocks the loop."""

        async def main() -> None:
            in_greenlet(block)

        def block() -> None:
            reports.until(lambda: time.sleep(QUICK))

        loop = new_loop()
        try:
            with watched() as (_, reports):
                loop.run_until_complete(main())
        finally:
            loop.close()
        (report,) = reports
        assert report.path[0] == (report.async_caller.function if report.async_caller else None)
        assert "block" in report.path[1:-1] or "block" in report.path[-1]

    def test_below_with_a_large_heap(self) -> None:
        """Searching the heap for greenlets takes long, while the loop's thread waits for the lock: it is reported nevertheless."""
        heap = [(number, [number], {number: number}) for number in range(300_000)]

        async def main() -> None:
            in_greenlet(block)

        def block() -> None:
            reports.until(lambda: time.sleep(QUICK / 5))

        with watched() as (_, reports):
            asyncio.run(main())
        assert [1, 300_000] == [len(reports), len(heap)]

    def test_search_that_takes_longer_than_the_threshold(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The watch's own work, for which the loop's thread waits, is not taken for that of the program's other threads."""
        waiting = RunningLoop.waiting

        def searching(loop: RunningLoop, frame: FrameType) -> list[object] | None:
            searched.append(loop)
            sum(range(10_000_000))  # in C, with the interpreter lock held
            return waiting(loop, frame)

        async def main() -> None:
            reports.until(lambda: time.sleep(QUICK / 5))

        searched: list[RunningLoop] = []
        monkeypatch.setattr(RunningLoop, "waiting", searching)
        with watched() as (_, reports):
            asyncio.run(main())
        assert 1 == len(reports)
        assert 20 > len(searched)

    @new_loops
    def test_parked(self, new_loop: NewLoop) -> None:
        """A loop that is parked while the user's code runs is not blocked."""

        async def main() -> None:
            await asyncio.sleep(0)

        with watched() as (watch, reports), LoopInChild(new_loop()) as fiber:
            fiber.sync(main())
            time.sleep(10 * QUICK)
            fiber.sync(main())
        assert ([], ()) == (reports, watch.blocked)

    def test_gevent(self) -> None:
        """If gevent has replaced threads by greenlets, nothing is watched, and that is reported once."""
        source = """
            from gevent import monkey
            monkey.patch_all()
            import asyncio, json, logging
            import gevent
            from ginger_async_safe import watch_loops

            records = []
            logger = logging.getLogger("ginger_async_safe")
            logger.addFilter(lambda record: records.append(record.getMessage()))
            with watch_loops(0.05) as watch:
                for _ in range(2):
                    gevent.spawn(asyncio.run, asyncio.sleep(0)).get()
            print(json.dumps([len(watch.blocked), records]))
        """
        expected = (
            "event loops are not watched: this program's threads are greenlets, and none runs while another blocks"
        )
        assert [0, [expected]] == in_new_process(source)


def watch_threads() -> list[threading.Thread]:
    """Return the threads of watches."""
    return [each for each in threading.enumerate() if each.name == "ginger_async_safe watch"]


class TestLife:
    """A watch starts and stops, and leaves nothing behind."""

    def test_leaves_nothing(self) -> None:
        """After ten thousand watches, the interpreter is unchanged."""
        hooks, running = sys.set_asyncgen_hooks, asyncio.events._set_running_loop
        descriptors = len(os.listdir("/proc/self/fd")) if sys.platform == "linux" else 0  # noqa: PTH208

        async def main() -> None:
            for _ in range(100):
                with watch_loops():
                    await asyncio.sleep(0)

        def cycles(count: int) -> int:
            for _ in range(count):
                with watch_loops():
                    pass
            for _ in range(count // 1000):
                asyncio.run(main())
            gc.collect()
            return len(gc.get_objects())

        first = cycles(1000)
        assert cycles(9000) - first < 200
        assert (hooks, running) == (sys.set_asyncgen_hooks, asyncio.events._set_running_loop)
        assert [] == watch_threads()
        if sys.platform == "linux":
            assert descriptors == len(os.listdir("/proc/self/fd"))  # noqa: PTH208

    def test_no_loop_no_thread(self) -> None:
        """A watch has a thread only while a loop runs."""
        with watched():
            assert [] == watch_threads()
            assert 1 == asyncio.run(asyncio.to_thread(lambda: len(watch_threads())))

    def test_stop_twice(self) -> None:
        """A second stop does nothing; a nested watch leaves the outer one on."""
        with watched() as (_, reports):
            other = watch_loops(QUICK)
            other.stop()
            other.stop()

            async def main() -> None:
                reports.until(lambda: time.sleep(QUICK))

            asyncio.run(main())
        assert 1 == len(reports)

    def test_stopped_by_a_report(self) -> None:
        """A report may stop the watch."""
        stopped = threading.Event()

        def report(blocked: BlockedLoop) -> None:
            watch.stop()
            stopped.set()

        async def main() -> None:
            assert stopped.wait(TIMEOUT)

        watch = watch_loops(QUICK, report=report)
        asyncio.run(main())
        assert 1 == len(watch.blocked)

    def test_report_waits_for_the_loop(self) -> None:
        """A callback that waits for the loop does not keep the loop from stopping the watch."""
        waits = threading.Event()

        async def main() -> None:
            loop = asyncio.get_running_loop()

            async def answer() -> None:
                pass

            def report(blocked: BlockedLoop) -> None:
                waits.set()
                asyncio.run_coroutine_threadsafe(answer(), loop).result(TIMEOUT)

            async with watch_loops(QUICK, report=report):
                assert waits.wait(TIMEOUT)

        asyncio.run(main())
        until(lambda: not watch_threads())

    @pytest.mark.parametrize("threshold", [0, -1, 0.001, float("nan")])
    def test_too_short(self, threshold: float) -> None:
        """A threshold that cannot be watched is refused."""
        with pytest.raises(ConfigurationError, match=r"is too short; 0\.01 seconds"):
            watch_loops(threshold)

    def test_hooked_by_somebody_else(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """If other code has replaced a hooked function since, its replacement stays, and works after the watch has ended."""
        original = sys.set_asyncgen_hooks
        calls = []
        watch = watch_loops()
        ours = sys.set_asyncgen_hooks

        def theirs(*args: Any, **kwargs: Any) -> None:
            calls.append(kwargs)
            ours(*args, **kwargs)

        monkeypatch.setattr(sys, "set_asyncgen_hooks", theirs)
        watch.stop()
        assert sys.set_asyncgen_hooks is theirs
        asyncio.run(asyncio.sleep(0))
        assert calls
        with watched() as (_, reports):

            async def main() -> None:
                reports.until(lambda: time.sleep(QUICK))

            asyncio.run(main())
        assert 1 == len(reports)
        monkeypatch.undo()
        with watched():
            pass
        assert sys.set_asyncgen_hooks is original

    @pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
    def test_fork(self) -> None:
        """A child process watches the loops that it starts, and knows of none of its parent's."""
        source = (
            PROGRAM
            + """
import json

async def main():
    assert reported.wait(20)

with watch_loops(0.05, report=report) as watch:
    asyncio.run(main())
    while any(each.name == "ginger_async_safe watch" for each in threading.enumerate()):
        time.sleep(0.01)
    child = os.fork()
    if not child:
        assert watch.blocked == ()
        reports.clear()
        reported.clear()
        asyncio.run(main())
        os._exit(len(reports))
    print(json.dumps(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])))
"""
        )
        assert 1 == in_new_process(source)

    @pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
    @pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
    def test_fork_in_a_task(self, on_loop: OnLoop) -> None:
        """A child process that is forked in a task is left alone, and ends."""

        async def main() -> int:
            child = os.fork()
            if not child:
                time.sleep(4 * QUICK)
                os._exit(bool(reports or watch_threads()))
            return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

        with watched() as (_, reports):
            assert 0 == on_loop(main)

    @pytest.mark.parametrize("end", ["", "sys.exit(0)", "asyncio.get_running_loop().close"])
    def test_exit(self, end: str) -> None:
        """A program that leaves the watch on ends as it would without, and prints nothing."""
        source = (
            PROGRAM
            + f"""
import sys
watch_loops(0.05)
async def main():
    await asyncio.sleep(0.2)
    {end}
asyncio.run(main())
"""
        )
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", source], check=False, capture_output=True, text=True, timeout=TIMEOUT
        )
        assert (0, "", "") == (done.returncode, done.stdout, done.stderr)

    def test_exit_beside_a_running_loop(self) -> None:
        """A program that ends while a daemon thread runs a loop does, too."""
        source = (
            PROGRAM
            + """
watch_loops(0.01)
started = threading.Event()
async def main():
    started.set()
    while True:
        await asyncio.sleep(0)
threading.Thread(target=asyncio.run, args=[main()], daemon=True).start()
started.wait(20)
time.sleep(0.2)
"""
        )
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", source], check=False, capture_output=True, text=True, timeout=TIMEOUT
        )
        assert (0, "") == (done.returncode, done.stderr)

    def test_interrupted(self, on_loop: OnLoop) -> None:
        """Ctrl-C interrupts what blocks a loop, as it does without a watch."""

        def report(blocked: BlockedLoop) -> None:
            os.kill(os.getpid(), signal.SIGINT)
            is_sent.set()

        async def main() -> None:
            assert is_sent.wait(TIMEOUT)
            await sleep(TIMEOUT)

        is_sent = threading.Event()
        with watch_loops(QUICK, report=report), pytest.raises(KeyboardInterrupt):
            on_loop(main)
        assert in_thread(lambda: asyncio.run(asyncio.sleep(0, "fine"))) == "fine"
