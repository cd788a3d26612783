"""A run that is watched: ``--async-safe=report`` and ``--async-safe=fail``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from ginger_async_safe import _settings
from ginger_async_safe._baseline import Baseline
from ginger_async_safe._hatch import allowed_by_hatch
from ginger_async_safe._reporting.writing import shown_path
from ginger_async_safe.exceptions import ConfigurationError
from ginger_async_safe.pytest_plugin.asserting import is_report
from ginger_async_safe.pytest_plugin.ledger import TestLedger
from ginger_async_safe.pytest_plugin.recorder import RECORDER, TestRecorder
from ginger_async_safe.pytest_plugin.reports import headline, in_full
from ginger_async_safe.pytest_plugin.rules import RulesInForce
from ginger_async_safe.pytest_plugin.summary import print_summary, write_json
from ginger_async_safe.pytest_plugin.verdict import judge, why_partial

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from ginger_async_safe._reporting.recorder import Finding
    from ginger_async_safe.pytest_plugin.options import Options
    from ginger_async_safe.pytest_plugin.verdict import Verdict

__all__ = ["watch"]

_END_OF_RUN = (KeyboardInterrupt, pytest.exit.Exception)
_DATA = "ginger_async_safe"  # what a report carries from a worker of pytest-xdist, and a worker at its end
_PROPERTY = "async_safe_violation"


def watch(config: pytest.Config, options: Options) -> None:
    """Watch a run.

    Raises:
        pytest.UsageError: Where the baseline, or a setting of the library, cannot be used.
    """
    baseline = None
    try:
        for key in _settings.KEYS:
            _settings.current(key)
        if options.rules:
            config.pluginmanager.register(RulesInForce(), "ginger_async_safe rules")
        if options.baseline is not None:
            is_new = options.updates and not options.baseline.exists()
            baseline = Baseline(options.baseline) if is_new else Baseline.read(options.baseline)
    except ConfigurationError as error:
        raise pytest.UsageError(str(error)) from None
    recorder = TestRecorder(fails=options.fails, baseline=baseline)
    config.stash[RECORDER] = recorder
    watcher = _Watcher(recorder)
    config.pluginmanager.register(watcher, "ginger_async_safe watcher")
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(_Desk(config, options, baseline, watcher), "ginger_async_safe desk")


class _Watcher:
    """Judges each test by what it did, and has its last report carry that; in every process of a run."""

    def __init__(self, recorder: TestRecorder) -> None:
        self._recorder = recorder
        self._between: list[dict[str, Any]] = []
        self._collected = 0
        self._left_out = 0
        recorder.start()

    def pytest_unconfigure(self) -> None:
        self._recorder.stop()

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> Generator[None, None, None]:
        found = len(items)
        yield
        self._collected, self._left_out = len(items), found - len(items)

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self._keep(self._recorder.take())  # of threads that outlived their test, and what ended with the last
        self._recorder.test = nodeid

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Generator[None, object, object]:
        item.user_properties[:] = [each for each in item.user_properties if each[0] != _PROPERTY]  # of an earlier try
        return (yield from self._judged(item, is_setup=True))

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, object, object]:
        return (yield from self._judged(item))

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> Generator[None, object, object]:
        return (yield from self._judged(item))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        if call.when == "teardown":  # which every test has, as its last
            setattr(report, _DATA, self._recorder.take())
        return report

    def pytest_runtest_logfinish(self) -> None:
        self._recorder.test = None

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        output: dict[str, Any] | None = getattr(session.config, "workeroutput", None)
        if output is not None:
            output[_DATA] = self.rest()

    def rest(self) -> dict[str, Any]:
        """Return what no report has carried, as plain values."""
        self._recorder.add_open_grants()
        self._keep(self._recorder.take())
        return {"seen": self._between, "collected": self._collected, "left_out": self._left_out}

    def _keep(self, seen: dict[str, Any]) -> None:
        if seen:
            self._between.append(seen)

    def _judged(self, item: pytest.Item, *, is_setup: bool = False) -> Generator[None, object, object]:
        own: BaseException | None = None
        result: object = None
        try:
            result = yield
        except _END_OF_RUN:
            raise
        except BaseException as error:  # noqa: BLE001 - raised again below, or shown beside the violation
            own = error
        # What a fixture does fails the test in its call phase, as long as it comes to that.
        fresh = [] if is_setup and own is None else self._recorder.fresh()
        if not fresh:
            if own is not None:
                raise own
            return result
        item.user_properties += [(_PROPERTY, str(finding.entry)) for finding in fresh]
        ends = [own] if own is not None else _failures_of_unittest(item)
        failure = pytest.fail.Exception(_failure(fresh, item, ends), pytrace=False)
        # Where the test itself failed, --pdb is to open there.
        raise failure.with_traceback(ends[0].__traceback__ if ends else None) from None


def _failures_of_unittest(item: pytest.Item) -> list[BaseException]:
    """Take the failures that a TestCase has kept for its report, in which ours would not be seen."""
    kept: list[pytest.ExceptionInfo[BaseException]] = getattr(item, "_excinfo", None) or []
    ends = [each.value for each in kept]
    kept.clear()
    return ends


def _failure(findings: list[Finding], item: pytest.Item, ends: list[BaseException]) -> str:
    """Return the violations as a person reads them, and below them how the test itself ended."""
    violations = [finding.violation for finding in findings]
    texts = [headline(violations), *in_full((each, 1) for each in violations)]
    for end in ends:
        if not is_report(end):  # else it says the same
            texts += ["The test itself ended so:", str(item.repr_failure(pytest.ExceptionInfo.from_exception(end)))]
    return "\n\n".join(texts)


class _Desk:
    """Gathers what all processes of a run saw, and tells of it in the end."""

    def __init__(self, config: pytest.Config, options: Options, baseline: Baseline | None, watcher: _Watcher) -> None:
        self._config = config
        self._options = options
        self._baseline = baseline
        self._watcher = watcher
        self._ledger = TestLedger()
        self._is_run = False
        self._verdict: Verdict | None = None

    def pytest_report_header(self) -> str:
        parts = [f"async-safe: {'update' if self._options.updates else self._options.mode}"]
        if self._options.rules:
            parts.append("rules for calls that nobody marked")
        if self._baseline is not None:
            parts.append(f"baseline {shown_path(self._baseline.path)} ({len(self._baseline)} known)")
        hatch = allowed_by_hatch()
        if hatch is not None:
            parts.append(f"the escape hatch is open for {hatch}: what it lets through is not judged")
        return ", ".join(parts)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed or hasattr(report, "wasxfail"):  # a test that is marked to fail may fail of this
            self._ledger.failed.add(report.nodeid)
        elif report.skipped:
            self._ledger.skipped.add(report.nodeid)
        self._is_run = True
        if report.when == "call" or not report.passed:
            self._ledger.ran.add(report.nodeid)
        self._ledger.add(report.nodeid, getattr(report, _DATA, {}))

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:  # noqa: ANN401 - a worker of pytest-xdist
        rest = getattr(node, "workeroutput", {}).get(_DATA)
        if rest is None:
            self._ledger.lost = "a worker crashed"
        else:
            self._ledger.add_rest(rest)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        self._ledger.add_rest(self._watcher.rest())
        if not self._is_run and not self._ledger.sites:
            return  # the command was for something else, such as --collect-only
        verdict = judge(self._ledger, self._options, self._baseline, why_partial(session, self._ledger))
        if self._baseline is not None and self._options.updates:
            verdict.trouble += _trouble(self._baseline.write, verdict.kept)
        if self._options.json is not None:
            verdict.trouble += _trouble(write_json, self._options.json, self._options, self._ledger, verdict)
        self._verdict = verdict
        if verdict.fails and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self._verdict is not None:
            print_summary(terminalreporter, self._options, self._ledger, self._verdict)


def _trouble(write: Callable[..., None], *arguments: object) -> list[str]:
    """Write something; return why that could not be done, for the summary, or nothing."""
    try:
        write(*arguments)
    except ConfigurationError as error:
        return [str(error)]
    return []
