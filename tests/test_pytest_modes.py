"""``--async-safe=off|report|fail``: what each mode does with violations, and what it reports."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from ginger_async_safe import policy

if TYPE_CHECKING:
    from _suites import Suite

CANARY = """
@pytest.mark.asyncio
async def test_canary():
    titles()
"""
SWALLOWING = """
@pytest.mark.asyncio
async def test_swallows():
    assert try_report() == "nothing"
"""
REPORT = [
    "shop.titles at *",
    "",
    "You cannot call this*",
    "  call *shop.titles",
    "  at *",
    "  inside *",
    "  path *",
    "  fix *",
]


class TestCanary:
    """A guarded call really is stopped, in each mode."""

    def test_off(self, suite: Suite) -> None:
        """It raises, and that is all."""
        result = suite.write(CANARY).run()
        result.assert_outcomes(failed=1)
        result.stdout.fnmatch_lines([">*titles()", "E*SynchronousOnlyOperation: You cannot call this*", "E*fix*"])
        result.stdout.no_fnmatch_line("*async safety*")

    def test_report(self, suite: Suite) -> None:
        """It runs, and is reported."""
        result = suite.write(CANARY).run("--async-safe=report")
        result.assert_outcomes(passed=1)
        result.stdout.fnmatch_lines(
            [
                "async-safe: report",
                "*= async safety =*",
                "calls  guarded call  at * first seen in",
                "    1  shop.titles   test_shop.py:* in async test_canary  test_shop.py::test_canary",
                "1 violation at 1 place",
            ]
        )

    def test_fail(self, suite: Suite) -> None:
        """It raises, and fails its test in the call phase."""
        result = suite.write(CANARY).run("--async-safe=fail")
        result.assert_outcomes(failed=1)
        result.stdout.fnmatch_lines(["*_ test_canary _*", *REPORT, "The test itself failed:", ">*titles()"])

    @pytest.mark.parametrize("mode", ["off", "report", "fail"])
    def test_nothing_to_find(self, suite: Suite, mode: str) -> None:
        """Calls off the loop are no violations."""
        result = suite.write("""
            @pytest.mark.asyncio
            async def test_it():
                assert await asyncio.to_thread(titles) == ["Kindred"]
        """).run(f"--async-safe={mode}")
        result.assert_outcomes(passed=1)
        if mode != "off":
            result.stdout.fnmatch_lines(["*= async safety =*", "no violations"])

    def test_leaves_nothing(self, suite: Suite) -> None:
        """After a run, the guard is as it was."""
        suite.write(CANARY).run("--async-safe=report")
        assert [] == policy.supervisors


class TestInert:
    """Without an option the plugin does nothing."""

    def test_registers_nothing(self, suite: Suite) -> None:
        """The plugins that check a run are not registered."""
        suite.write("""
            def test_it(pytestconfig):
                names = [name for name, _ in pytestconfig.pluginmanager.list_name_plugin() if "ginger" in name]
                assert names == ["ginger_async_safe.pytest_plugin"]
        """)
        suite.run().assert_outcomes(passed=1)

    @pytest.mark.parametrize(
        ("options", "says"),
        [
            (["--async-safe-json=found.json"], "--async-safe-json has no effect while --async-safe is off; choose*"),
            (["--async-safe-update-baseline"], "no baseline is given; name the file with --async-safe-baseline=FILE*"),
            (["--async-safe-strict-baseline"], "no baseline is given;*"),
            (
                ["--async-safe-baseline=gone.txt"],
                "the baseline *gone.txt does not exist; --async-safe-update-baseline creates*",
            ),
        ],
    )
    def test_usage_errors(self, suite: Suite, options: list[str], says: str) -> None:
        """Contradictory options are usage errors that name the fix."""
        result = suite.write(CANARY).run(*options)
        assert pytest.ExitCode.USAGE_ERROR == result.ret
        result.stderr.fnmatch_lines([f"ERROR: {says}"])

    def test_ini(self, suite: Suite) -> None:
        """The ini file sets the mode, and the option overrides it."""
        suite.write(CANARY).ini("async_safe_mode = report")
        suite.run().assert_outcomes(passed=1)
        suite.run("--async-safe=off").assert_outcomes(failed=1)
        suite.ini("async_safe_mode = warn")
        result = suite.run()
        result.stderr.fnmatch_lines(["ERROR: async_safe_mode = 'warn' in *pytest.ini: choose one of off, report, fail"])


class TestFail:
    """A test that makes a violation fails, whatever else happens."""

    def test_swallowed(self, suite: Suite) -> None:
        """Also where its code catches the error."""
        result = suite.write(SWALLOWING).run("--async-safe=fail")
        result.assert_outcomes(failed=1)
        result.stdout.fnmatch_lines(["*_ test_swallows _*", *REPORT])
        result.stdout.no_fnmatch_line("The test itself failed:")

    @pytest.mark.parametrize("policy", ["warn", "log", "ignore"])
    def test_whatever_the_policy(self, suite: Suite, monkeypatch: pytest.MonkeyPatch, policy: str) -> None:
        """A milder policy allows the call, but the test still fails."""
        monkeypatch.setenv("GINGER_ASYNC_SAFE", policy)
        result = suite.write("""
            @pytest.mark.asyncio
            @pytest.mark.filterwarnings("ignore")
            async def test_it():
                assert titles() == ["Kindred"]
        """).run("--async-safe=fail")
        result.assert_outcomes(failed=1)
        result.stdout.fnmatch_lines(REPORT)

    def test_own_failure(self, suite: Suite) -> None:
        """The test's own failure is shown below the violation."""
        result = suite.write("""
            @pytest.mark.asyncio
            async def test_it():
                status = 200 if try_report() == "Kindred" else 500
                assert status == 200
        """).run("--async-safe=fail")
        result.assert_outcomes(failed=1)
        result.stdout.fnmatch_lines([*REPORT, "The test itself failed:", "*assert 500 == 200"])

    @pytest.mark.parametrize("ends", ["pytest.skip('no database')", "pytest.xfail('known')", "pytest.fail('no')"])
    def test_other_outcomes(self, suite: Suite, ends: str) -> None:
        """A test that skips itself after a violation fails."""
        result = suite.write(f"""
            @pytest.mark.asyncio
            async def test_it():
                try_report()
                {ends}
        """).run("--async-safe=fail")
        result.assert_outcomes(failed=1)

    def test_expected_failures(self, suite: Suite) -> None:
        """A violation counts as the failure that ``xfail`` expects."""
        suite.write(f"@pytest.mark.xfail{SWALLOWING}").run("--async-safe=fail").assert_outcomes(xfailed=1)

    def test_interrupt(self, suite: Suite) -> None:
        """Ctrl-C ends the run, also after a violation."""
        suite.write("""
            def test_it():
                async def main():
                    try_report()
                asyncio.run(main())
                raise KeyboardInterrupt
        """)
        result = suite.run_alone("--async-safe=fail")
        assert pytest.ExitCode.INTERRUPTED == result.ret

    def test_several(self, suite: Suite) -> None:
        """Each place is reported once, and those past the fifth in one line."""
        calls = "\n".join("                try_report()" for _ in range(7))
        result = suite.write(f"""
            @pytest.mark.asyncio
            async def test_it():
                for _ in range(100):
                    try_report()
{calls}
        """).run("--async-safe=fail")
        result.assert_outcomes(failed=1)
        assert 5 == result.stdout.str().count("  fix       ")
        result.stdout.fnmatch_lines(["shop.titles was called in an async context at *fix:*", "  100  shop.titles*"])
        result.stdout.fnmatch_lines(["107 violations at 8 places"])

    @pytest.mark.parametrize("swallows", [True, False])
    def test_in_a_fixture(self, suite: Suite, swallows: bool) -> None:
        """A violation of a fixture fails its test in the call phase; one that breaks the fixture, in the setup."""
        result = suite.write(f"""
            import pytest_asyncio

            @pytest_asyncio.fixture
            async def prepared():
                return {"try_report" if swallows else "report"}()

            def test_it(prepared):
                pass
        """).run("--async-safe=fail")
        result.assert_outcomes(**{"failed" if swallows else "errors": 1})
        result.stdout.fnmatch_lines(["*_ test_it _*" if swallows else "*_ ERROR at setup of test_it _*", *REPORT])

    def test_in_a_teardown(self, suite: Suite) -> None:
        """A violation after the call is an error of the teardown."""
        result = suite.write("""
            import pytest_asyncio

            @pytest_asyncio.fixture
            async def prepared():
                yield
                try_report()

            def test_it(prepared):
                pass
        """).run("--async-safe=fail")
        result.assert_outcomes(passed=1, errors=1)
        result.stdout.fnmatch_lines(["*_ ERROR at teardown of test_it _*", *REPORT])

    def test_between_tests(self, suite: Suite) -> None:
        """A violation outside of tests fails the run."""
        suite.write(CANARY.replace("titles()", "pass"))
        suite.write(
            """
            def pytest_runtest_logfinish():
                async def main():
                    try_report()
                asyncio.run(main())
            """,
            name="conftest",
        )
        result = suite.run("--async-safe=fail")
        result.assert_outcomes(passed=1)
        assert pytest.ExitCode.TESTS_FAILED == result.ret
        result.stdout.fnmatch_lines(
            ["    1  shop.titles  *  no test", "1 place for which no test failed: the run fails"]
        )

    def test_unittest(self, suite: Suite) -> None:
        """Test cases of unittest fail with the violation, whether they swallow it, raise it or fail otherwise."""
        suite.write("""
            class TestShop(unittest.IsolatedAsyncioTestCase):
                async def test_raises(self):
                    titles()

                async def test_swallows(self):
                    try_report()

                async def test_fails(self):
                    self.assertEqual(try_report(), "Kindred")

                async def test_clean(self):
                    self.assertEqual(await asyncio.to_thread(titles), ["Kindred"])
        """)
        result = suite.run("--async-safe=fail")
        result.assert_outcomes(failed=3, passed=1)
        assert 3 == result.stdout.str().count("\n  fix   ")
        result.stdout.fnmatch_lines(["*AssertionError: 'nothing' != 'Kindred'*"])
        suite.run("--async-safe=report").assert_outcomes(passed=4)


class TestReport:
    """The report at the end of a run."""

    def test_table(self, suite: Suite) -> None:
        """Violations are listed by call site, the most frequent first, with the first test in which each occurred."""
        result = suite.write("""
            pytestmark = pytest.mark.asyncio

            def helper():
                return count([])

            @pytest.mark.parametrize("number", range(3))
            async def test_first(number):
                helper()

            async def test_second():
                helper()
                titles()
        """).run("--async-safe=report")
        result.assert_outcomes(passed=4)
        result.stdout.fnmatch_lines(
            [
                "    4  shop.count    test_shop.py:* in helper *  test_shop.py::test_first[[]0]",
                "    1  shop.titles   test_shop.py:* in async test_second  test_shop.py::test_second",
                "5 violations at 2 places",
            ]
        )

    def test_grants(self, suite: Suite) -> None:
        """Grants are listed with their reasons, and the unused ones are marked."""
        result = suite.write("""
            from ginger_async_safe import allow_async_unsafe

            @allow_async_unsafe(reason="decorated", calls="shop.count")
            async def decorated():
                return count([])

            @pytest.mark.asyncio
            @pytest.mark.allow_async_unsafe("shop.titles", reason="marked")
            async def test_it(async_safety):
                titles(), titles()
                with allow_async_unsafe(reason="block"):
                    count([])
                with allow_async_unsafe(reason="forgotten"):
                    pass
                await decorated()
                async_safety.allow("shop.nothing", reason="in vain")

            def test_other(async_unsafe_allowed):
                pass
        """).run("--async-safe=report")
        result.assert_outcomes(passed=2)
        result.stdout.fnmatch_lines_random(
            [
                "grant used  calls *where *reason",
                "   2 times  shop.titles   marker of test_shop.py::test_it *marked",
                "    1 time  [*] *test_shop.test_it *block",
                "    UNUSED  [*] *test_shop.test_it *forgotten",
                "    1 time  shop.count *decorated",
                "    UNUSED  shop.nothing  async_safety.allow in test_shop.py::test_it *in vain",
                "    UNUSED  [*] *fixture of test_shop.py::test_other *the fixture async_unsafe_allowed",
            ]
        )

    def test_allowed(self, suite: Suite, monkeypatch: pytest.MonkeyPatch) -> None:
        """Calls that the escape hatch and the settings allow are counted, so that a run with them does not look clean."""
        monkeypatch.setenv("GINGER_ALLOW_ASYNC_UNSAFE", "shop.titles")
        monkeypatch.setenv("GINGER_ASYNC_SAFE", "allow=shop.count")
        result = suite.write("""
            @pytest.mark.asyncio
            async def test_it():
                count(titles())
        """).run("--async-safe=fail")
        result.assert_outcomes(passed=1)
        result.stdout.fnmatch_lines(
            [
                "async-safe: fail, the escape hatch is open for shop.titles: the calls that it allows are not checked",
                "no violations",
                "calls  guarded call  allowed by",
                "    1  shop.count    allow from GINGER_ASYNC_SAFE",
                "    1  shop.titles   the escape hatch",
            ]
        )

    def test_json(self, suite: Suite) -> None:
        """The report as JSON."""
        suite.write(CANARY).run("--async-safe=report", "--async-safe-json=found.json")
        found = json.loads((suite.pytester.path / "found.json").read_text(encoding="utf-8"))
        (violation,) = found["violations"]
        assert ("shop.titles", "test_shop.test_canary", 1) == tuple(
            violation[key] for key in ("call", "place", "count")
        )
        assert "test_shop.py::test_canary" == violation["first_test"]
        assert "await sync_to_async(titles)(...)" == violation["record"]["fix"]
        assert ("report", [], None) == (found["mode"], found["grants"], found["baseline"])

    def test_unwritable_json(self, suite: Suite) -> None:
        """A file that cannot be written fails the run, and the rest of the report is printed."""
        result = suite.write(CANARY).run("--async-safe=report", "--async-safe-json=shop.py/found.json")
        result.assert_outcomes(passed=1)
        assert pytest.ExitCode.TESTS_FAILED == result.ret
        result.stdout.fnmatch_lines(
            ["1 violation at 1 place", "--async-safe-json=*found.json cannot be written (*); name*"]
        )

    def test_junit(self, suite: Suite) -> None:
        """The failing test has the violation as a property, and as its failure."""
        suite.write(CANARY).run("--async-safe=fail", "--junitxml=junit.xml", "-o", "junit_family=xunit1")
        case = next(ET.parse(suite.pytester.path / "junit.xml").iter("testcase"))
        (prop,) = case.iter("property")
        assert {"name": "async_safe_violation", "value": "shop.titles at test_shop.test_canary"} == prop.attrib
        (failure,) = case.iter("failure")
        assert "  call      shop.titles" in (failure.text or "")


class TestPytestItself:
    """pytest does not flag itself."""

    def test_explanations(self, suite: Suite) -> None:
        """A failing assertion shows the ``repr`` of an object; a guarded call in that is no violation."""
        result = suite.write("""
            from ginger_async_safe import async_unsafe

            class Lazy:
                @async_unsafe
                def __repr__(self):
                    return "<Lazy Kindred>"

            @pytest.mark.asyncio
            async def test_it():
                assert Lazy() == 1
        """).run("--async-safe=fail")
        result.assert_outcomes(failed=1)
        result.stdout.fnmatch_lines(["E*assert <Lazy Kindred> == 1", "no violations"])


class TestFaultsFoundInReviews:
    """Faults that were found in reviews."""

    def test_finalizers(self, suite: Suite) -> None:
        """A finalizer may run, and make a guarded call, while a violation is counted."""
        suite.write("""
            import gc

            class Cursor:
                def __init__(self):
                    self.itself = self

                def __del__(self):
                    try_report()

            @pytest.mark.asyncio
            async def test_it():
                source = "def call{0}(): Cursor(), titles()"
                names = dict(globals())
                for number in range(300):
                    exec(source.format(number), names)
                before = gc.get_threshold()
                gc.set_threshold(1, 1, 1)
                try:
                    for number in range(300):
                        names[f"call{number}"]()
                finally:
                    gc.set_threshold(*before)
        """)
        suite.run("--async-safe=report").assert_outcomes(passed=1)

    def test_text_that_is_not_plain(self, suite: Suite) -> None:
        """Messages of a subclass of ``str`` are sent to another process, and reasons need not be text."""
        suite.write("""
            from ginger_async_safe import allow_async_unsafe, async_unsafe

            class SafeString(str):
                def __str__(self):
                    return self

            @async_unsafe(message=SafeString("not here"))
            def query():
                pass

            @pytest.mark.asyncio
            async def test_it():
                query()
                with allow_async_unsafe(reason=None):
                    titles()
                with allow_async_unsafe(reason="because"):
                    titles()
        """)
        result = suite.run("-p", "xdist.plugin", "-n", "1", "--async-safe=report")
        result.assert_outcomes(passed=1)
        result.stdout.fnmatch_lines(["1 violation at 1 place", "*no reason given", "*because"])

    def test_several_failures_of_a_test_case(self, suite: Suite) -> None:
        """All failures of a TestCase are shown, the violation first."""
        result = suite.write("""
            class TestShop(unittest.IsolatedAsyncioTestCase):
                async def asyncTearDown(self):
                    raise ValueError("torn")

                async def test_it(self):
                    try_report()
                    self.fail("own")
        """).run("--async-safe=fail")
        result.assert_outcomes(failed=1)
        result.stdout.fnmatch_lines([*REPORT, "*AssertionError: own", "*ValueError: torn"])

    def test_interrupted(self, suite: Suite) -> None:
        """A violation of a test that ended the run is attributed to that test."""
        result = suite.write("""
            @pytest.mark.asyncio
            async def test_it():
                try_report()
                pytest.exit("enough")
        """).run("--async-safe=report")
        result.stdout.fnmatch_lines(["    1  shop.titles *test_shop.py::test_it"])

    def test_session_finish(self, suite: Suite) -> None:
        """A violation in ``pytest_sessionfinish`` counts."""
        suite.write(
            """
            def pytest_sessionfinish():
                async def main():
                    try_report()
                asyncio.run(main())
            """,
            name="conftest",
        )
        result = suite.write("def test_it():\n    pass\n").run("--async-safe=fail")
        assert pytest.ExitCode.TESTS_FAILED == result.ret
        result.stdout.fnmatch_lines(["    1  shop.titles  *  no test"])

    def test_rerun(self, suite: Suite) -> None:
        """A violation that only the first run of a rerun test makes fails the run, and is not in the second report."""
        suite.write(
            """
            from _pytest.runner import runtestprotocol

            def pytest_runtest_protocol(item, nextitem):
                item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
                first = runtestprotocol(item, nextitem=nextitem, log=False)
                for report in first:
                    if report.failed:
                        report.outcome = "rerun"
                    item.ihook.pytest_runtest_logreport(report=report)
                item._initrequest()
                runtestprotocol(item, nextitem=nextitem)
                item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
                return True
            """,
            name="conftest",
        )
        result = suite.write("""
            tries = []

            @pytest.mark.asyncio
            async def test_it():
                tries.append(1)
                if len(tries) == 1:
                    try_report()
        """).run("--async-safe=fail", "--junitxml=junit.xml")
        assert pytest.ExitCode.TESTS_FAILED == result.ret
        result.stdout.fnmatch_lines(["1 place for which no test failed: the run fails"])

    def test_bad_settings(self, suite: Suite, monkeypatch: pytest.MonkeyPatch) -> None:
        """An invalid setting is reported before any test runs."""
        monkeypatch.setenv("GINGER_ASYNC_SAFE", "allow=no pattern!")
        result = suite.write(CANARY).run("--async-safe=report")
        assert pytest.ExitCode.USAGE_ERROR == result.ret
        result.stderr.fnmatch_lines(["ERROR: GINGER_ASYNC_SAFE: 'no pattern!' is not a pattern*"])

    def test_grants_that_do_not_end(self, suite: Suite) -> None:
        """A grant that never ends is listed; so is a decorated function, under its own name, and a marked class once."""
        suite.write(
            """
            from ginger_async_safe import allow_async_unsafe

            def pytest_configure():
                allow_async_unsafe(reason="for ever").__enter__()
            """,
            name="conftest",
        )
        result = suite.write("""
            from ginger_async_safe import allow_async_unsafe

            @allow_async_unsafe(reason="decorated")
            async def decorated():
                titles()

            @pytest.mark.asyncio
            @pytest.mark.allow_async_unsafe("shop.count", reason="class")
            class TestAll:
                async def test_one(self):
                    await asyncio.create_task(decorated())

                async def test_two(self):
                    count([])
        """).run_alone("--async-safe=fail")
        result.assert_outcomes(passed=2)
        result.stdout.fnmatch_lines_random(
            [
                "    UNUSED  [*] *(never ended) *for ever",
                "    1 time  [*] *test_shop.decorated *decorated",
                "    1 time  shop.count  marker of test_shop.py::TestAll *class",
            ]
        )
