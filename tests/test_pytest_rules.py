"""``--async-safe-rules``: the built-in rules apply to tests, and never to pytest itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ginger_async_safe.blocking.rules import RULES
from ginger_async_safe.blocking.targets import resolve

if TYPE_CHECKING:
    from pathlib import Path

    from _suites import Suite

IMPORTS = "import time"

NAPPING = """
def nap():
    time.sleep(0.001)

def try_to_nap():
    try:
        nap()
    except Exception:
        pass

@pytest.mark.asyncio
async def test_naps():
    nap()
"""


class TestModes:
    """When the rules are enabled, and what that means."""

    def test_alone(self, suite: Suite) -> None:
        """The option alone makes tests fail, as the options of a baseline do."""
        result = suite.write(NAPPING, imports=IMPORTS).run("--async-safe-rules")
        result.assert_outcomes(failed=1)
        result.stdout.fnmatch_lines(
            [
                "async-safe: fail, rules for unmarked blocking calls",
                "time.sleep at test_shop.py:6 in nap",
                "  fix       await sync_to_async(nap)(...)",
                "    1  time.sleep    test_shop.py:6 in nap  test_shop.py::test_naps",
            ]
        )

    @pytest.mark.parametrize("options", [[], ["--async-safe=report"], ["--async-safe=fail"]])
    def test_without_the_option(self, suite: Suite, options: list[str]) -> None:
        """Without the option, only marked calls are violations."""
        suite.write(NAPPING, imports=IMPORTS).run(*options).assert_outcomes(passed=1)

    def test_report(self, suite: Suite) -> None:
        """In report mode the calls are allowed."""
        result = suite.write(NAPPING, imports=IMPORTS).run("--async-safe-rules", "--async-safe=report")
        result.assert_outcomes(passed=1)
        result.stdout.fnmatch_lines(["1 violation at 1 place"])

    def test_swallowed(self, suite: Suite) -> None:
        """A test that swallows the error fails."""
        source = NAPPING + "\n\n@pytest.mark.asyncio\nasync def test_tries():\n    try_to_nap()\n"
        suite.write(source, imports=IMPORTS).run("--async-safe-rules").assert_outcomes(failed=2)

    @pytest.mark.parametrize(
        ("ini", "options", "outcome"),
        [
            ("async_safe_rules = true", [], "failed"),
            ("async_safe_rules = true\nasync_safe_mode = report", [], "passed"),
            ("async_safe_rules = true\nasync_safe_mode = fail", [], "failed"),
            ("async_safe_rules = true\nasync_safe_mode = off", [], "passed"),
            ("async_safe_rules = true\nasync_safe_mode = off", ["--async-safe=fail"], "failed"),
            ("async_safe_rules = true", ["--async-safe=off"], "passed"),
            ("async_safe_mode = off", ["--async-safe-rules"], "failed"),
            ("async_safe_mode = report", ["--async-safe-rules"], "passed"),
            ("async_safe_rules = false\nasync_safe_mode = fail", [], "passed"),
        ],
    )
    def test_ini(self, suite: Suite, ini: str, options: list[str], outcome: str) -> None:
        """The ini file can set the option; if the mode is off, there or by its option, the rules are not enabled."""
        suite.ini(ini)
        suite.write(NAPPING, imports=IMPORTS).run(*options).assert_outcomes(**{outcome: 1})

    def test_baseline(self, suite: Suite) -> None:
        """A baseline allows known violations."""
        suite.write(NAPPING, imports=IMPORTS)
        suite.run("--async-safe-rules", "--async-safe-baseline=known.txt", "--async-safe-update-baseline")
        assert "time.sleep at test_shop.nap\n" in (suite.pytester.path / "known.txt").read_text(encoding="utf-8")
        suite.run("--async-safe-rules", "--async-safe-baseline=known.txt").assert_outcomes(passed=1)

    def test_settings(self, suite: Suite) -> None:
        """The settings of the rules hold."""
        table = "[tool.ginger_async_safe.rules]\nwithout = "
        suite.pytester.makepyprojecttoml(f'{table}["time.sleep"]')
        suite.write(NAPPING, imports=IMPORTS).run("--async-safe-rules").assert_outcomes(passed=1)

    def test_bad_settings(self, suite: Suite) -> None:
        """A mistake in them is reported before any test runs."""
        suite.pytester.makepyprojecttoml('[tool.ginger_async_safe.rules]\nwithout = ["time.slep"]')
        result = suite.write(NAPPING, imports=IMPORTS).run("--async-safe-rules")
        assert pytest.ExitCode.USAGE_ERROR == result.ret
        result.stderr.fnmatch_lines(["ERROR: *pyproject.toml: without: 'time.slep' matches no rule; *"])

    def test_leaves_nothing(self, suite: Suite) -> None:
        """After a run, everything is as it was."""
        before = [resolve(rule.target) for rule in RULES]
        suite.write(NAPPING, imports=IMPORTS).run("--async-safe-rules")
        assert before == [resolve(rule.target) for rule in RULES]


class TestReach:
    """The rules apply to everything that a test does on a loop."""

    def test_fixtures_of_ours(self, suite: Suite) -> None:
        """The plugin's own fixtures and its marker know the rules."""
        suite.write(
            """
            def nap():
                time.sleep(0.001)

            def test_unsafe(assert_async_unsafe):
                assert_async_unsafe(nap)
                assert_async_unsafe(time.sleep, 0.001)

            @pytest.mark.asyncio
            async def test_unsafe_here(assert_async_unsafe):
                assert_async_unsafe(nap)
                assert_async_unsafe(time.sleep, 0.001)

            @pytest.mark.asyncio
            async def test_safe(assert_async_safe):
                with pytest.raises(pytest.fail.Exception, match="time.sleep at"):
                    with assert_async_safe:
                        nap()

            @pytest.mark.asyncio
            @pytest.mark.allow_async_unsafe(calls="time.*", reason="it is short")
            async def test_allowed():
                nap()
            """,
            imports=IMPORTS,
        ).run("--async-safe-rules", "--async-safe=report").assert_outcomes(passed=4)

    def test_fixtures_of_the_suite(self, suite: Suite) -> None:
        """The rules apply to async fixtures before and after the test."""
        result = suite.write(
            """
            import pytest_asyncio

            @pytest_asyncio.fixture
            async def before():
                time.sleep(0.001)

            @pytest_asyncio.fixture
            async def after():
                yield
                open("test_shop.py").close()

            @pytest.mark.asyncio
            async def test_first(before):
                pass

            @pytest.mark.asyncio
            async def test_second(after):
                pass
            """,
            imports=IMPORTS,
        ).run("--async-safe-rules")
        result.assert_outcomes(passed=1, errors=2)
        result.stdout.fnmatch_lines(
            ["*time.sleep at test_shop.py:* in async before*", "*file.open at test_shop.py:* in async after*"]
        )

    def test_off_the_loop(self, suite: Suite) -> None:
        """Sync tests, sync fixtures and threads may block."""
        suite.write(
            """
            @pytest.fixture
            def prepared(tmp_path):
                time.sleep(0.001)
                return tmp_path / "x"

            def test_sync(prepared):
                prepared.write_text("x")

            @pytest.mark.asyncio
            async def test_async(prepared):
                await asyncio.to_thread(prepared.write_text, "x")
            """,
            imports=IMPORTS,
        ).run("--async-safe-rules").assert_outcomes(passed=2)


BUSY = """
import logging, sys, warnings
import anyio

class Book:
    def __repr__(self):
        return "Book(%r)" % open(__file__).read()[:10]

@pytest.fixture
def made(tmp_path_factory, tmp_path, request, monkeypatch):
    return tmp_path_factory.mktemp("made")

@MARK
async def test_busy(made, tmp_path, capsys, caplog, monkeypatch, recwarn, request, record_property):
    print("out"); print("err", file=sys.stderr, flush=True)
    assert "out\\n" == capsys.readouterr().out
    monkeypatch.setenv("SHOP", "1")
    monkeypatch.chdir(tmp_path)
    logging.getLogger("shop").warning("closed")
    assert "closed" in caplog.text
    warnings.warn("old")
    with pytest.raises(ValueError, match="x"):
        raise ValueError("x")
    request.getfixturevalue("pytestconfig")
    late = pytest.importorskip("colorsys")
    with capsys.disabled():
        print("shown")
    await anyio.sleep(0)

@MARK
async def test_fails(capsys):
    print("captured")
    book = Book()
    assert book == Book(), "no such book"

@MARK
async def test_skips():
    pytest.skip("closed")
"""


class TestPytestItself:
    """pytest and its plugins cause no violations."""

    @pytest.mark.parametrize("mark", ["pytest.mark.asyncio", "pytest.mark.anyio"])
    @pytest.mark.parametrize("options", [[], ["-n", "2"]], ids=["alone", "xdist"])
    def test_busy(self, suite: Suite, mark: str, options: list[str]) -> None:
        """Capturing, caching, rewriting, temporary files and explanations of failures, in tests of each kind."""
        result = suite.write(BUSY.replace("MARK", mark), imports="").run_alone(
            "--async-safe-rules", "--async-safe=report", *options
        )
        runs = 2 if "anyio" in mark else 1  # on asyncio, and on trio
        result.assert_outcomes(passed=runs, failed=runs, skipped=runs)
        result.stdout.fnmatch_lines(["E*no such book", "*= async safety =*", "no violations"])

    def test_in_a_process_of_its_own(self, suite: Suite, tmp_path: Path) -> None:
        """With all installed plugins, in a process of its own, the whole run is checked."""
        result = suite.write(NAPPING, imports=IMPORTS).run_alone("--async-safe-rules", "-n", "1")
        result.assert_outcomes(failed=1)
        result.stdout.fnmatch_lines(["1 violation at 1 place"])
