"""The sample of slow tests that runs on most Pythons."""

from __future__ import annotations

from pathlib import Path

import pytest
from _sampling import SLOW, sampled

NODES = [
    *(f"tests/test_corpus.py::test_run[{number}]" for number in range(100)),
    *(f"tests/test_corpus.py::TestPairs::test_pair[{number}]" for number in range(3)),
    *(f"tests/test_corpus.py::test_{number}" for number in range(11)),
    "tests/test_recipes.py::test_alone",
]


def test_slow_files_are_there() -> None:
    """Each file that is listed as slow is a file of tests."""
    assert {path.stem for path in Path(__file__).parent.glob("test_*.py")} >= SLOW


@pytest.mark.parametrize("salt", ["3.10", "3.14"])
def test_share(salt: str) -> None:
    """Of each parametrised function, and of the rest of each file, the given share runs, and at least one test."""
    kept = sampled(NODES, 5, salt)
    assert [20, 1, 23, 1] == [
        sum(node.startswith(group) for node in kept)
        for group in (
            "tests/test_corpus.py::test_run[",
            "tests/test_corpus.py::TestPairs",
            "tests/test_corpus.py::test_",
            "tests/test_recipes.py",
        )
    ]


def test_order_and_salt() -> None:
    """The choice does not depend on the order of tests, and differs between Pythons."""
    assert sampled(NODES, 5, "3.12") == sampled(NODES[::-1], 5, "3.12")
    assert sampled(NODES, 5, "3.12") != sampled(NODES, 5, "3.13")


def test_one_in_one() -> None:
    """With one in one, all tests run."""
    assert frozenset(NODES) == sampled(NODES, 1, "3.12")


def test_pytest(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """Slow tests outside of the sample are deselected, and other tests always run."""
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))
    pytester.makeconftest(Path(__file__).with_name("conftest.py").read_text(encoding="utf-8"))
    test = "import pytest\n@pytest.mark.parametrize('number', range(10))\ndef test(number): pass\n"
    pytester.makepyfile(test_corpus=test, test_quick=test)
    found = pytester.runpytest_subprocess("--sample=5", "-p", "no:cacheprovider", "-v")
    found.assert_outcomes(passed=12, deselected=8)
    assert found.stdout.str().count("test_quick") == 10
    pytester.runpytest_subprocess("-p", "no:cacheprovider").assert_outcomes(passed=20)
