"""Checking a whole run: ``--async-safe=report`` and ``--async-safe=fail``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from ginger_async_safe._config import settings
from ginger_async_safe._reporting.baseline import Baseline
from ginger_async_safe._reporting.writing import shown_path
from ginger_async_safe.exceptions import ConfigurationError
from ginger_async_safe.policy import escape_hatch
from ginger_async_safe.pytest_plugin.asserting import is_report
from ginger_async_safe.pytest_plugin.ledger import TestLedger
from ginger_async_safe.pytest_plugin.recorder import RECORDER, TestRecorder
from ginger_async_safe.pytest_plugin.reports import headline, in_full
from ginger_async_safe.pytest_plugin.rules import RulesInForce
from ginger_async_safe.pytest_plugin.summary import print_summary, write_json
from ginger_async_safe.pytest_plugin.verdict import evaluate_run, why_partial
from ginger_async_safe.violation import add_first_party

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from pathlib import Path

    from ginger_async_safe._reporting.recorder import SeenViolation
    from ginger_async_safe.pytest_plugin.options import Options
    from ginger_async_safe.pytest_plugin.verdict import TestVerdict

__all__ = ["check_run"]

_END_OF_RUN = (KeyboardInterrupt, pytest.exit.Exception)
_DATA = "ginger_async_safe"  # the key of our data in a test's report, and in the output of a worker of pytest-xdist
_PROPERTY = "async_safe_violation"


def check_run(config: pytest.Config, options: Options) -> None:
    """Register the plugins that record violations in each process of a run, and report them at its end.

    Raises:
        pytest.UsageError: If the baseline, or a setting of the library, is invalid.
    """
    baseline = None
    try:
        for key in settings.KEYS:
            settings.current(key)
        add_first_party(*_own_code(config.rootpath))
        if options.rules:
            config.pluginmanager.register(RulesInForce(), "ginger_async_safe rules")
        if options.baseline is not None:
            is_new = options.updates and not options.baseline.exists()
            baseline = Baseline(options.baseline) if is_new else Baseline.read(options.baseline)
    except ConfigurationError as error:
        raise pytest.UsageError(str(error)) from None
    recorder = TestRecorder(fails=options.fails, baseline=baseline)
    config.stash[RECORDER] = recorder
    checker = _TestChecker(recorder)
    config.pluginmanager.register(checker, "ginger_async_safe test checker")
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(
            _RunReporter(config, options, baseline, checker), "ginger_async_safe run reporter"
        )


def _own_code(root: Path) -> tuple[list[str], list[str]]:
    """Return the packages whose source is in a directory (they may be installed as well), and the directory."""
    packages = [each.parent.name for place in (root, root / "src") for each in place.glob("*/__init__.py")]
    return packages, [str(root)]


class _TestChecker:
    """Fail each test that makes a new violation, and attach what was recorded to its last report, in every process."""

    def __init__(self, recorder: TestRecorder) -> None:
        self._recorder = recorder
        self._between: list[dict[str, Any]] = []
        self._collected = 0
        self._deselected = 0
        recorder.start()

    def pytest_unconfigure(self) -> None:
        self._recorder.stop()

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> Generator[None, None, None]:
        found = len(items)
        yield
        self._collected, self._deselected = len(items), found - len(items)

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self._keep(self._recorder.take())  # from threads that outlived their test, and fixtures of a wider scope
        self._recorder.test = nodeid

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Generator[None, object, object]:
        item.user_properties[:] = [
            each for each in item.user_properties if each[0] != _PROPERTY
        ]  # an earlier attempt's
        return (yield from self._checked(item, is_setup=True))

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, object, object]:
        return (yield from self._checked(item))

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> Generator[None, object, object]:
        return (yield from self._checked(item))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        if call.when == "teardown":  # the last phase, which every test has
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
        """Return what no test's report has carried, as plain values."""
        self._recorder.add_open_grants()
        self._keep(self._recorder.take())
        return {"seen": self._between, "collected": self._collected, "deselected": self._deselected}

    def _keep(self, seen: dict[str, Any]) -> None:
        if seen:
            self._between.append(seen)

    def _checked(self, item: pytest.Item, *, is_setup: bool = False) -> Generator[None, object, object]:
        own: BaseException | None = None
        result: object = None
        try:
            result = yield
        except _END_OF_RUN:
            raise
        except BaseException as error:  # noqa: BLE001 - raised again below, or shown beside the violation
            own = error
        # A violation in a fixture fails the test in its call phase, unless the setup itself fails.
        new = [] if is_setup and own is None else self._recorder.new_violations()
        if not new:
            if own is not None:
                raise own
            return result
        item.user_properties += [(_PROPERTY, str(seen.entry)) for seen in new]
        errors = [own] if own is not None else _failures_of_unittest(item)
        failure = pytest.fail.Exception(_failure_text(new, item, errors), pytrace=False)
        # If the test itself failed, --pdb opens where it did.
        raise failure.with_traceback(errors[0].__traceback__ if errors else None) from None


def _failures_of_unittest(item: pytest.Item) -> list[BaseException]:
    """Remove and return the failures that a TestCase keeps for its report: pytest would show them instead of ours."""
    kept: list[pytest.ExceptionInfo[BaseException]] = getattr(item, "_excinfo", None) or []
    errors = [each.value for each in kept]
    kept.clear()
    return errors


def _failure_text(seen: list[SeenViolation], item: pytest.Item, errors: list[BaseException]) -> str:
    """Return the report of the violations, followed by the test's own errors."""
    violations = [each.violation for each in seen]
    texts = [headline(violations), *in_full((each, 1) for each in violations)]
    for error in errors:
        if not is_report(error):  # its text would repeat the violations
            texts += ["The test itself failed:", str(item.repr_failure(pytest.ExceptionInfo.from_exception(error)))]
    return "\n\n".join(texts)


class _RunReporter:
    """Collect the results of all processes of a run, and report them at its end."""

    def __init__(
        self, config: pytest.Config, options: Options, baseline: Baseline | None, checker: _TestChecker
    ) -> None:
        self._config = config
        self._options = options
        self._baseline = baseline
        self._checker = checker
        self._ledger = TestLedger()
        self._has_run_tests = False
        self._verdict: TestVerdict | None = None

    def pytest_report_header(self) -> str:
        parts = [f"async-safe: {'update' if self._options.updates else self._options.mode}"]
        if self._options.rules:
            parts.append("rules for unmarked blocking calls")
        if self._baseline is not None:
            parts.append(f"baseline {shown_path(self._baseline.path)} ({len(self._baseline)} known)")
        hatch = escape_hatch.allowed_by_hatch()
        if hatch is not None:
            parts.append(f"the escape hatch is open for {hatch}: the calls that it allows are not checked")
        return ", ".join(parts)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed or hasattr(report, "wasxfail"):  # a violation may be the expected failure
            self._ledger.failed.add(report.nodeid)
        elif report.skipped:
            self._ledger.skipped.add(report.nodeid)
        self._has_run_tests = True
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
        self._ledger.add_rest(self._checker.rest())
        if not self._has_run_tests and not self._ledger.sites:
            return  # no test was to run, as with --collect-only
        verdict = evaluate_run(self._ledger, self._options, self._baseline, why_partial(session, self._ledger))
        if self._baseline is not None and self._options.updates:
            verdict.errors += _errors_of(self._baseline.write, verdict.kept)
        if self._options.json is not None:
            verdict.errors += _errors_of(write_json, self._options.json, self._options, self._ledger, verdict)
        self._verdict = verdict
        if verdict.fails and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self._verdict is not None:
            print_summary(terminalreporter, self._options, self._ledger, self._verdict)


def _errors_of(write: Callable[..., None], *arguments: object) -> list[str]:
    """Write a file, and return the error for the summary if that fails."""
    try:
        write(*arguments)
    except ConfigurationError as error:
        return [str(error)]
    return []
