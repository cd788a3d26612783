"""One process of a program that ``ginger-async-safe run`` has started: it keeps to the rules, and tells what it saw."""

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
from ginger_async_safe._run.orders import Orders
from ginger_async_safe.blocking.guards import guard_blocking_calls
from ginger_async_safe.exceptions import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from ginger_async_safe.policy import PolicyName
    from ginger_async_safe.violation import Place, Violation

__all__ = ["begin"]

_AS_REPORTED = "report"
_WHOLE = ".json"


def begin(plain: dict[str, Any]) -> None:
    """Do in this process, from now on, what the command was asked for.

    Args:
        plain: The orders.

    Raises:
        ConfigurationError: Where the settings of the rules cannot be used.
    """
    orders = Orders(**plain).begun()
    guard_blocking_calls()
    if orders.watch is not None:
        from ginger_async_safe.monitor import watch_loops  # noqa: PLC0415 - every process would import it, few need it

        watch_loops(orders.watch)
    if orders.report is not None:
        _Reporter(orders, orders.report).start()
    elif orders.policy is not None:
        Recorder(ruling=orders.policy).start()


class _Recorder(Recorder):
    """Calls something after the first violation of each call at each place, the second, the fourth, and so on.

    Args:
        ruling: What a violation does.
        keep: What is called.
    """

    def __init__(self, ruling: PolicyName, keep: Callable[[], object]) -> None:
        super().__init__(ruling=ruling)
        self._keep = keep
        self._totals: Counter[tuple[str, Place | None]] = Counter()

    def rule(self, violation: Violation) -> PolicyName | None:
        ruling = super().rule(violation)
        site = (violation.call, violation.made_at)
        self._totals[site] += 1
        if self._totals[site].bit_count() == 1:
            self._keep()
        return ruling


class _Reporter:
    """Has the violations of this process get into the report, however the process ends.

    Args:
        orders: What the command was asked for.
        report: Where the report goes.
    """

    def __init__(self, orders: Orders, report: str) -> None:
        self._orders = orders
        self._report = Path(report)
        self._parts = Path(str(orders.parts))
        self._recorder = _Recorder(orders.policy or "ignore", self._keep)
        self._knows_multiprocessing = False
        self._told_in: int | None = None

    def start(self) -> None:
        """Begin to see."""
        self._recorder.start()
        atexit.register(self._tell)  # the first of all, so the last to be called
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(before=self._meet_multiprocessing, after_in_child=self._recorder.begin_anew)
        if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
            signal.signal(signal.SIGTERM, self._tell_and_end)

    def _tell_and_end(self, number: int, _: FrameType | None) -> None:
        """End as Python itself would: by the signal."""
        self._tell()
        signal.signal(number, signal.SIG_DFL)
        signal.raise_signal(number)

    def _meet_multiprocessing(self) -> None:
        """Have processes that multiprocessing forks tell, too: they end without what is registered with atexit."""
        util = sys.modules.get("multiprocessing.util")
        if util is not None and not self._knows_multiprocessing:
            self._knows_multiprocessing = True
            util.register_after_fork(self, lambda reporter: util.Finalize(None, reporter._tell, exitpriority=-100))

    def _tell(self) -> None:
        if self._told_in == os.getpid():
            return  # a signal has come while the process ended already
        self._told_in = os.getpid()
        self._recorder.add_open_grants()
        try:
            if self._told_in == self._orders.first:
                self._write()
            else:
                self._leave_part()
        except (OSError, ConfigurationError) as error:
            _say(str(error))

    def _keep(self) -> None:
        """Leave what was seen for the first process now: others may be ended by signals that Python does not hear."""
        if os.getpid() != self._orders.first:
            with suppress(OSError):  # it is told at the end, if there is one
                self._leave_part()

    def _leave_part(self) -> None:
        seen = self._recorder.take()
        if seen and self._parts.is_dir():  # else the first process has ended before
            part = self._parts / f"{os.getpid()}-{time.monotonic_ns()}"
            part.write_text(json.dumps(seen), encoding="utf-8")
            part.rename(part.with_suffix(_WHOLE))

    def _write(self) -> None:
        ledger = Ledger()
        ledger.add(None, self._recorder.take())
        for part in sorted(self._parts.glob(f"*{_WHOLE}")):
            ledger.add(None, json.loads(part.read_text(encoding="utf-8")))
            part.unlink()
        with suppress(OSError):  # another process may be writing into it
            self._parts.rmdir()
        mode = self._orders.policy or _AS_REPORTED
        if self._report.suffix == ".json":
            text = in_json(as_plain(mode, ledger))
        else:
            text = as_page(self._orders.program, mode, ledger)
        write(text, self._report, "--report")
        _say(f"{ledger.total()}: see {self._report}")


def _say(text: str) -> None:
    """Tell a person something, on standard error if there still is one."""
    with suppress(OSError, ValueError, AttributeError):
        sys.stderr.write(f"ginger-async-safe: {text}\n")
        sys.stderr.flush()
