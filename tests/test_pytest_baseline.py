"""``--async-safe-baseline``: known violations are allowed, new ones fail, fixed ones have to be removed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from _suites import Suite

KNOWN = """
pytestmark = pytest.mark.asyncio


class Cart:
    def total(self):
        return count([1])


async def test_cart():
    assert Cart().total() == 1


async def test_titles():
    assert titles() == ["Kindred"]
"""
ENTRIES = ["shop.count at test_shop.Cart.total", "shop.titles at test_shop.test_titles"]
BASELINE = "--async-safe-baseline=known.txt"
UPDATE = "--async-safe-update-baseline"
STRICT = "--async-safe-strict-baseline"


@pytest.fixture
def adopted(suite: Suite) -> Suite:
    """A project with known violations, and a baseline of them."""
    result = suite.write(KNOWN).run(BASELINE, UPDATE)
    result.assert_outcomes(passed=2)
    return suite


def entries(suite: Suite) -> list[str]:
    """Return the lines of the baseline without its header."""
    lines = (suite.pytester.path / "known.txt").read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("# Known violations: guarded calls that this code makes")
    return lines[2:]


def edit(suite: Suite, *lines: str) -> None:
    """Write the baseline by hand."""
    (suite.pytester.path / "known.txt").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


class TestUpdate:
    """``--async-safe-update-baseline`` writes the file."""

    def test_first(self, suite: Suite) -> None:
        """It contains call and place by qualified name, sorted; the run lists the new entries, and passes."""
        result = suite.write(KNOWN).run(BASELINE, UPDATE)
        result.assert_outcomes(passed=2)
        assert ENTRIES == entries(suite)
        result.stdout.fnmatch_lines(
            [
                "async-safe: update, baseline known.txt (0 known)",
                "known.txt now has 2 entries",
                "added by this run:",
                *(f"  {entry}" for entry in ENTRIES),
            ]
        )

    def test_again(self, adopted: Suite) -> None:
        """Fixed ones are removed, and the run lists them; comments on the others are kept."""
        edit(
            adopted,
            "# ask Octavia",
            f"{ENTRIES[1]}  # until spring",
            "shop.count at test_shop.gone  # gone",
            "# the end",
        )
        result = adopted.run(BASELINE, UPDATE)
        result.stdout.fnmatch_lines(["removed, since they no longer occur:", "  shop.count at test_shop.gone"])
        assert [ENTRIES[0], "# ask Octavia", f"{ENTRIES[1]}  # until spring", "# the end"] == entries(adopted)

    def test_missing_directory(self, suite: Suite) -> None:
        """The directory is created."""
        suite.write(KNOWN).run("--async-safe-baseline=safety/known.txt", UPDATE)
        assert (suite.pytester.path / "safety" / "known.txt").exists()

    def test_unwritable(self, suite: Suite) -> None:
        """A file that cannot be written fails the run."""
        suite.write(KNOWN)
        result = suite.run("--async-safe-baseline=shop.py/known.txt", UPDATE)
        assert pytest.ExitCode.TESTS_FAILED == result.ret
        result.stdout.fnmatch_lines(
            ["2 violations at 2 places", "the baseline *known.txt cannot be written (*); name a*"]
        )

    def test_names(self, suite: Suite) -> None:
        """An unnamed function counts as the one it is in, on each Python; inner functions have the outer one's name."""
        suite.write("""
            pytestmark = pytest.mark.asyncio

            class Cart:
                price = staticmethod(lambda: count([]))

                def all(self):
                    return [titles() for _ in range(1)], {1: count([]) for _ in range(1)}

            def decorate(function):
                def inner():
                    return function()
                return inner

            async def test_it():
                Cart().all(), Cart.price()
                [*(titles() for _ in range(1))]
                decorate(titles)()
        """).run(BASELINE, UPDATE)
        assert [
            "shop.count at test_shop.Cart",
            "shop.count at test_shop.Cart.all",
            "shop.titles at test_shop.Cart.all",
            "shop.titles at test_shop.decorate.<locals>.inner",
            "shop.titles at test_shop.test_it",
        ] == entries(suite)

    def test_two_on_one_line(self, suite: Suite) -> None:
        """Two functions on one line are two entries."""
        suite.write("""
            source = "def one(): titles()\\ndef two(): titles()\\n"
            exec(compile(source.replace("\\n", " ", 0), "one_file", "exec"))
            two.__code__ = two.__code__.replace(co_firstlineno=one.__code__.co_firstlineno)

            @pytest.mark.asyncio
            async def test_it():
                one(), two()
        """).run(BASELINE, UPDATE)
        assert ["shop.titles at test_shop.one", "shop.titles at test_shop.two"] == entries(suite)
        suite.run(BASELINE, STRICT).assert_outcomes(passed=1)

    def test_one_line_for_many(self, suite: Suite) -> None:
        """Several lines of one function are one entry; a lambda and the loop itself have names too."""
        suite.write("""
            pytestmark = pytest.mark.asyncio

            async def test_twice():
                titles()
                titles()

            async def test_lambda():
                (lambda: titles())()

            async def test_callback():
                asyncio.get_running_loop().call_soon(titles)
                await asyncio.sleep(0)
        """).run(BASELINE, UPDATE)
        assert [
            "shop.titles at <event loop>",
            "shop.titles at test_shop.test_lambda",
            "shop.titles at test_shop.test_twice",
        ] == entries(suite)
        suite.run(BASELINE, STRICT).assert_outcomes(passed=3)


class TestKnown:
    """Known violations are allowed, and new ones fail."""

    def test_known(self, adopted: Suite) -> None:
        """They run, and are marked in the table. A baseline alone implies the mode."""
        result = adopted.run(BASELINE)
        result.assert_outcomes(passed=2)
        result.stdout.fnmatch_lines(
            [
                "async-safe: fail, baseline known.txt (2 known)",
                "    1  shop.count * in *total * (in the baseline)",
                "2 violations at 2 places, 2 of the places in the baseline",
            ]
        )

    def test_new(self, adopted: Suite) -> None:
        """The same call from another function is new."""
        adopted.write(f"{KNOWN}\n\nasync def test_new():\n    titles()\n")
        result = adopted.run(BASELINE)
        result.assert_outcomes(passed=2, failed=1)
        result.stdout.fnmatch_lines(["*_ test_new _*", "  call *shop.titles"])

    def test_moved(self, adopted: Suite) -> None:
        """Lines may move."""
        adopted.write("# a line\n" * 20 + KNOWN)
        adopted.run(BASELINE, STRICT).assert_outcomes(passed=2)

    def test_ini(self, adopted: Suite) -> None:
        """The ini file may name it; then the mode decides whether it counts."""
        adopted.ini("async_safe_baseline = known.txt")
        adopted.run().assert_outcomes(failed=2)
        adopted.run("--async-safe=fail").assert_outcomes(passed=2)
        adopted.run(STRICT).assert_outcomes(passed=2)

    @pytest.mark.parametrize("line", ["<<<<<<< HEAD", "shop.titles", "shop.titles in test_shop", "shop titles at x"])
    def test_bad_lines(self, adopted: Suite, line: str) -> None:
        """A line that is not an entry, such as a conflict marker of a merge, is reported."""
        edit(adopted, ENTRIES[0], line)
        result = adopted.run(BASELINE)
        assert pytest.ExitCode.USAGE_ERROR == result.ret
        result.stderr.fnmatch_lines([f"ERROR: *known.txt:2: '{line}' is not a baseline entry; write CALL at PLACE*"])

    def test_comments(self, adopted: Suite) -> None:
        """The file's own comments stay at its head; those of an entry that a merge has doubled are joined."""
        edit(adopted, "\ufeff# (c) the shop", "", f"{ENTRIES[0]}  # SHOP-1", f"{ENTRIES[0]}  # SHOP-2", ENTRIES[1])
        adopted.run(BASELINE, UPDATE)
        assert ["# (c) the shop", "", f"{ENTRIES[0]}  # SHOP-1; SHOP-2", ENTRIES[1]] == entries(adopted)

    def test_merged(self, adopted: Suite) -> None:
        """Entries may come in any order and twice, as merges leave them."""
        edit(adopted, ENTRIES[1], "", *ENTRIES)
        adopted.run(BASELINE, STRICT).assert_outcomes(passed=2)


class TestFixed:
    """Entries that no longer occur have to be removed."""

    SAYS = "in known.txt, but no longer occurring (*remove them with --async-safe-update-baseline):"

    @pytest.fixture
    def fixed(self, adopted: Suite) -> Suite:
        """One of two known violations is fixed."""
        return adopted.write(KNOWN.replace("assert titles()", "assert await asyncio.to_thread(titles)"))

    def test_listed(self, fixed: Suite) -> None:
        """A run lists it, and passes."""
        result = fixed.run(BASELINE)
        assert pytest.ExitCode.OK == result.ret
        result.stdout.fnmatch_lines([self.SAYS, f"  {ENTRIES[1]}"])

    def test_strict(self, fixed: Suite) -> None:
        """A strict run fails, until the baseline is updated."""
        result = fixed.run(BASELINE, STRICT)
        result.assert_outcomes(passed=2)
        assert pytest.ExitCode.TESTS_FAILED == result.ret
        result.stdout.fnmatch_lines([self.SAYS, f"  {ENTRIES[1]}"])
        fixed.run(BASELINE, UPDATE)
        assert [ENTRIES[0]] == entries(fixed)
        assert pytest.ExitCode.OK == fixed.run(BASELINE, STRICT).ret

    @pytest.mark.parametrize(
        ("options", "why"),
        [
            (["-k", "cart"], "tests were deselected"),
            (["test_shop.py::test_cart"], "the run does not cover all of *"),
            (["test_shop.py", "--deselect=test_shop.py::test_titles"], "tests were deselected"),
        ],
    )
    def test_partial(self, adopted: Suite, options: list[str], why: str) -> None:
        """A run of some tests does not show which entries are fixed, so it does not fail, and removes nothing."""
        result = adopted.run(BASELINE, STRICT, *options)
        assert pytest.ExitCode.TESTS_FAILED != result.ret
        result.stdout.fnmatch_lines([f"* of known.txt not seen in this partial run: {why}"])
        adopted.run(BASELINE, UPDATE, *options)
        assert ENTRIES == entries(adopted)

    @pytest.mark.parametrize("option", ["--collect-only", "--setup-plan", "--fixtures", "--markers"])
    def test_no_run(self, adopted: Suite, option: str) -> None:
        """A command that runs no test reports nothing and removes nothing."""
        result = adopted.run(BASELINE, UPDATE, STRICT, option)
        assert pytest.ExitCode.OK == result.ret
        result.stdout.no_fnmatch_line("*no longer occur*")
        assert ENTRIES == entries(adopted)

    def test_nothing_collected(self, adopted: Suite) -> None:
        """Nor does one that collects no tests."""
        (adopted.pytester.path / "test_shop.py").unlink()
        assert pytest.ExitCode.NO_TESTS_COLLECTED == adopted.run(BASELINE, UPDATE).ret
        assert ENTRIES == entries(adopted)

    def test_exit(self, adopted: Suite) -> None:
        """Nor does one that ends early with exit code 0."""
        adopted.write(KNOWN.replace("assert Cart().total() == 1", "pytest.exit('enough', returncode=0)"))
        adopted.run(BASELINE, UPDATE)
        assert ENTRIES == entries(adopted)

    def test_removed_by_a_plugin(self, adopted: Suite) -> None:
        """Nor does one whose tests a plugin has removed without reporting them as deselected."""
        adopted.write("def pytest_collection_modifyitems(items):\n    del items[1:]\n", name="conftest")
        result = adopted.run(BASELINE, STRICT)
        assert pytest.ExitCode.OK == result.ret
        result.stdout.fnmatch_lines(["1 entry of known.txt not seen in this partial run: tests were deselected"])

    def test_skipped(self, adopted: Suite) -> None:
        """A skipped test may cause an entry: no update removes it; a strict run fails, and mentions the skipped test."""
        adopted.write(KNOWN.replace("async def test_titles", "@pytest.mark.skip\nasync def test_titles"))
        result = adopted.run(BASELINE, STRICT)
        assert pytest.ExitCode.TESTS_FAILED == result.ret
        says = "unless the 1 skipped test may cause them, delete their lines):"
        result.stdout.fnmatch_lines(
            [f"in known.txt, but no longer occurring (the run fails; {says}", f"  {ENTRIES[1]}"]
        )
        adopted.run(BASELINE, UPDATE).stdout.fnmatch_lines([f"in known.txt, but no longer occurring ({says}"])
        assert ENTRIES == entries(adopted)

    def test_failures(self, adopted: Suite) -> None:
        """Nor does a run whose tests fail: they may not have reached their calls."""
        adopted.write(KNOWN.replace("assert titles()", "assert 1 / 0"))
        result = adopted.run(BASELINE, UPDATE)
        result.assert_outcomes(passed=1, failed=1)
        result.stdout.fnmatch_lines(["1 entry of known.txt not seen in this partial run: tests failed"])
        assert ENTRIES == entries(adopted)

    @pytest.mark.parametrize("testpaths", [".", "./", "test_*.py", "{root}"])
    def test_all_forms_of_testpaths(self, fixed: Suite, testpaths: str) -> None:
        """They take all forms that pytest accepts: patterns and absolute paths."""
        fixed.ini("testpaths = " + testpaths.format(root=fixed.pytester.path))
        assert pytest.ExitCode.TESTS_FAILED == fixed.run(BASELINE, STRICT).ret

    def test_testpaths(self, fixed: Suite) -> None:
        """A run that covers all of testpaths is complete."""
        (fixed.pytester.path / "tests").mkdir()
        (fixed.pytester.path / "test_shop.py").rename(fixed.pytester.path / "tests" / "test_shop.py")
        fixed.ini("pythonpath = .")
        assert pytest.ExitCode.OK == fixed.run(BASELINE, STRICT, "tests").ret
        fixed.ini("pythonpath = .\ntestpaths = tests")
        assert pytest.ExitCode.TESTS_FAILED == fixed.run(BASELINE, STRICT, "tests").ret
        assert pytest.ExitCode.TESTS_FAILED == fixed.run(BASELINE, STRICT, "./tests/../tests").ret
