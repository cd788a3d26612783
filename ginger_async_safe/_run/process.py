"""One process of a program that ``ginger-async-safe run`` has started: its guard, its recorder and the report."""

from __future__ import annotations

import atexit
import json
import os
import signal
import sys
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ginger_async_safe._reporting.ledger import Ledger
from ginger_async_safe._reporting.machines import as_plain
from ginger_async_safe._reporting.page import as_page
from ginger_async_safe._reporting.recorder import Recorder
from ginger_async_safe._reporting.writing import in_json, write
from ginger_async_safe._run.options import RunOptions
from ginger_async_safe._runtime.failures import containing
from ginger_async_safe._runtime.interpreter import is_main
from ginger_async_safe.blocking.guards import guard_blocking_calls
from ginger_async_safe.exceptions import ConfigurationError
from ginger_async_safe.violation import add_first_party

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from ginger_async_safe._reporting.recorder import SeenViolation
    from ginger_async_safe.policy import PolicyName
    from ginger_async_safe.violation import Place, Violation

__all__ = ["begin"]

_AS_REPORTED = "report"
_WHOLE = ".json"


def begin(plain: dict[str, Any]) -> None:
    """Apply the options of the command to this process.

    Args:
        plain: The options, as plain values.

    Raises:
        ConfigurationError: If the settings of the rules are invalid.
    """
    options = RunOptions(**plain).with_first()
    add_first_party(options.first_party)
    guard_blocking_calls()
    if options.watch is not None:
        from ginger_async_safe.monitor import watch_loops  # noqa: PLC0415 - every process would import it, few need it

        watch_loops(options.watch)
    if options.report is not None:
        _Reporter(options, options.report).start()
    elif options.policy is not None:
        Recorder(ruling=options.policy, reports_to_user=False).start()


class _Recorder(Recorder):
    """A recorder that calls a function after the first, second, fourth, eighth, … violation of each call at each place.

    Args:
        ruling: What a violation does.
        keep: The function.
    """

    def __init__(self, ruling: PolicyName, keep: Callable[[], object]) -> None:
        super().__init__(ruling=ruling)
        self._keep = keep
        self._totals: Counter[tuple[str, Place | None]] = Counter()

    def _counted(self, violation: Violation, *, is_only_reported: bool = False) -> SeenViolation:
        seen = super()._counted(violation, is_only_reported=is_only_reported)
        site = (violation.call, violation.called_at)
        with self._lock:
            self._totals[site] += 1
            total = self._totals[site]
        if total.bit_count() == 1:
            with containing("saving what this process has recorded"):
                self._keep()
        return seen


class _Reporter:
    """Get the violations of this process into the report, whichever way the process ends.

    Args:
        options: The options of the command.
        report: The file of the report.
    """

    def __init__(self, options: RunOptions, report: str) -> None:
        self._options = options
        self._report = Path(report)
        self._parts = Path(str(options.parts))
        self._recorder = _Recorder(options.policy or "ignore", self._keep)
        self._is_registered_with_multiprocessing = False
        self._finished_in: int | None = None

    def start(self) -> None:
        """Begin to record, and arrange for the report at the end of the process."""
        self._recorder.start()
        atexit.register(self._finish)  # registered first, so called last
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(before=self._register_with_multiprocessing, after_in_child=self._recorder.reset)
        if is_main() and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:  # signals are the main interpreter's
            signal.signal(signal.SIGTERM, self._finish_and_die)

    def _finish_and_die(self, number: int, _: FrameType | None) -> None:
        """Finish, then end the process by the signal, as Python does without a handler."""
        self._finish()
        signal.signal(number, signal.SIG_DFL)
        signal.raise_signal(number)

    def _register_with_multiprocessing(self) -> None:
        """Make processes that multiprocessing forks finish too: they do not call functions registered with atexit."""
        util = sys.modules.get("multiprocessing.util")
        if util is not None and not self._is_registered_with_multiprocessing:
            self._is_registered_with_multiprocessing = True
            util.register_after_fork(self, lambda reporter: util.Finalize(None, reporter._finish, exitpriority=-100))

    def _finish(self) -> None:
        if self._finished_in == os.getpid():
            return  # a signal arrived while the process was ending
        self._finished_in = os.getpid()
        with containing("the report of this process", but="it is not written"):  # this may run in a signal handler
            self._write_or_save()

    def _write_or_save(self) -> None:
        self._recorder.add_open_grants()
        try:
            if self._is_first():
                self._write_report()
            else:
                self._save_part()
        except (OSError, ConfigurationError) as error:
            _print_message(str(error))

    def _is_first(self) -> bool:
        """Return whether this process writes the report: the main interpreter of the first process, which ends last."""
        return os.getpid() == self._options.first and is_main()

    def _keep(self) -> None:
        """Save what was recorded for the first process now: a signal such as SIGKILL may end this process any time."""
        if not self._is_first():
            with suppress(OSError):  # if the process ends normally, that is tried again
                self._save_part()

    def _save_part(self) -> None:
        recorded = self._recorder.take()
        if recorded and self._parts.is_dir():  # else the first process has ended
            part = self._parts / f"{os.getpid()}-{time.monotonic_ns()}"
            part.write_text(json.dumps(recorded), encoding="utf-8")
            part.rename(part.with_suffix(_WHOLE))

    def _write_report(self) -> None:
        ledger = Ledger()
        ledger.add(None, self._recorder.take())
        for part in sorted(self._parts.glob(f"*{_WHOLE}")):
            ledger.add(None, json.loads(part.read_text(encoding="utf-8")))
            part.unlink()
        with suppress(OSError):  # another process may still be writing there
            self._parts.rmdir()
        mode = self._options.policy or _AS_REPORTED
        if self._report.suffix == ".json":
            text = in_json(as_plain(mode, ledger))
        else:
            text = as_page(self._options.program, mode, ledger)
        write(text, self._report, "--report")
        _print_message(f"{ledger.total()}: see {self._report}")


def _print_message(text: str) -> None:
    """Print a line to standard error, if that is still open."""
    with suppress(OSError, ValueError, AttributeError):
        sys.stderr.write(f"ginger-async-safe: {text}\n")
        sys.stderr.flush()
