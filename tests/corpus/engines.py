"""The guards that are measured: how each is switched on, and where its reports are.

Each is read in the way that is best for it: if a guard raises an error without a line, the line is taken from the
error's traceback; if it gives a stack trace, from that. An error counts wherever it ends: raised, passed to the loop's
exception handler, or to ``sys.unraisablehook``.
"""

from __future__ import annotations

import asyncio
import contextlib
import traceback
from importlib import import_module
from typing import TYPE_CHECKING, Any

from corpus.scenario import CORPUS

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["ENGINES", "Engine"]

Report = dict[str, Any]


class Engine:
    """No guard at all, and the base class of every guard.

    Attributes:
        reports: The reports so far: rule, file and line.
    """

    def __init__(self) -> None:
        self.reports: list[Report] = []

    @contextlib.contextmanager
    def switched_on(self) -> Iterator[None]:
        """Guard what runs in the block; loops start and end in it."""
        yield

    async def on_loop(self, loop: str) -> None:
        """Switch on what can only be switched on while the loop runs."""

    async def off_loop(self, loop: str) -> None:
        """Give the guard the time to report what it has found."""

    def report_of(self, error: BaseException) -> Report | None:
        """Return the report of an error, or ``None`` for any other error."""
        return None

    def collect(self, error: BaseException | None) -> bool:
        """Collect the reports of an error and of those that led to it; return whether there was one."""
        heard = False
        for one in _family(error, set()):
            report = self.report_of(one)
            if report is not None:
                heard = True
                if report not in self.reports:
                    self.reports.append(report)
        return heard


class Ours(Engine):
    """This library's guards, with an error for each violation."""

    @contextlib.contextmanager
    def switched_on(self) -> Iterator[None]:
        """Guard what runs in the block."""
        library = import_module("ginger_async_safe")
        library.configure(policy="raise")
        library.add_listener(self._listen)
        library.guard_blocking_calls()  # until the process ends
        try:
            yield
        finally:
            library.remove_listener(self._listen)

    def _listen(self, violation: Any) -> None:
        report = _from_violation(violation)
        if report not in self.reports:
            self.reports.append(report)

    def report_of(self, error: BaseException) -> Report | None:
        """Return the report from the error's record."""
        violation = getattr(error, "violation", None)
        return None if violation is None else _from_violation(violation)


class Watch(Engine):
    """This library's watch, for what no guard of calls can detect."""

    @contextlib.contextmanager
    def switched_on(self) -> Iterator[None]:
        """Watch the loops that run in the block."""
        with import_module("ginger_async_safe").watch_loops(report=self._listen):
            yield

    def _listen(self, blocked: Any) -> None:
        place = blocked.blocked_at
        self.reports.append({"rule": "watch", "file": place and place.file, "line": place and place.line})


class BlockBuster(Engine):
    """The blockbuster package, switched on by its own context manager."""

    @contextlib.contextmanager
    def switched_on(self) -> Iterator[None]:
        """Guard what runs in the block."""
        with import_module("blockbuster").blockbuster_ctx():
            yield

    def report_of(self, error: BaseException) -> Report | None:
        """Return the function that the error names, and the line from its traceback."""
        if not isinstance(error, import_module("blockbuster").BlockingError):
            return None
        frames = [(frame.filename, frame.lineno or 0) for frame in traceback.extract_tb(error.__traceback__)]
        return _at(str(error).removeprefix("Blocking call to "), reversed(frames))


class AioCop(Engine):
    """The aiocop package, with its default settings; it reports when a step of a task has ended."""

    def __init__(self) -> None:
        super().__init__()
        self._aiocop: Any = import_module("aiocop")

    @contextlib.contextmanager
    def switched_on(self) -> Iterator[None]:
        """Guard what runs in the block, once the loop runs."""
        self._aiocop.patch_audit_functions()
        self._aiocop.start_blocking_io_detection()
        self._aiocop.detect_slow_tasks(on_slow_task=self._listen)
        yield
        self._aiocop.deactivate()

    async def on_loop(self, loop: str) -> None:
        """Activate it for this loop; it does not cover the current step."""
        self._aiocop.activate()
        if loop != "trio":
            await asyncio.sleep(0)

    async def off_loop(self, loop: str) -> None:
        """End the current step."""
        if loop != "trio":
            await asyncio.sleep(0)

    def _listen(self, event: Any) -> None:
        for seen in event.blocking_events:
            if seen["severity"]:  # aiocop rates others as negligible
                self.reports.append(_at(seen["event"].partition("(")[0], _frames(seen["trace"])))
        if event.reason == "cpu_blocking":
            traces = [sample["trace"] for sample in event.cpu_stack_samples]
            self.reports.append(_at("cpu_blocking", _frames(traces[0] if traces else "")))


ENGINES: dict[str, type[Engine]] = {
    "none": Engine,
    "ours": Ours,
    "watch": Watch,
    "blockbuster": BlockBuster,
    "aiocop": AioCop,
}


def _from_violation(violation: Any) -> Report:
    place = violation.called_at
    return {"rule": violation.call, "file": place and place.file, "line": place and place.line}


def _at(rule: str, frames: Iterator[tuple[str, int]]) -> Report:
    """Return a report of the innermost frame that is in a scenario."""
    ours = (frame for frame in frames if frame[0].startswith(str(CORPUS)) and not _is_ours(frame[0]))
    file, line = next(ours, (None, None))
    return {"rule": rule, "file": file, "line": line}


def _is_ours(file: str) -> bool:
    return file in {__file__, str(CORPUS / "run.py"), str(CORPUS / "helpers.py")}


def _frames(trace: str) -> Iterator[tuple[str, int]]:
    for frame in filter(None, trace.split(" <- ")):
        file, line, _ = frame.rsplit(":", 2)
        yield file, int(line)


def _family(error: BaseException | None, seen: set[int]) -> Iterator[BaseException]:
    """Yield an error, the members of an exception group, and the errors that caused them."""
    if error is None or id(error) in seen:
        return
    seen.add(id(error))
    yield error
    for other in (*getattr(error, "exceptions", ()), error.__cause__, error.__context__):
        if isinstance(other, BaseException):
            yield from _family(other, seen)
