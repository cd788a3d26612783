"""The parts of ``benchmarks/field_check.py`` that need no index: its tables, causes, samples and judgements."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

sys.path.append(str(Path(__file__).parent.parent / "benchmarks"))

import field_check
from _field_findings import Cause, Finding, Sampled, Step, by_cause, has_bug, judged, read_findings, sample
from _field_sources import is_read
from _field_tables import Bug, Judgement, Package, TableError, read_bugs, read_judgements, read_packages
from static_check import PACKAGES

if TYPE_CHECKING:
    from collections.abc import Callable

BENCHMARKS = field_check.TABLES
SHOP = Package("shop", "1.2", "application")
WAIT = Cause("shop", "1.2", "time.sleep", "shop/stock.py", "shop.stock.wait")
OPEN = Cause("shop", "1.2", "file.open", "shop/stock.py", "shop.stock.wait")
FALSE = Judgement(*WAIT, "false", "it is over before the loop starts")


def chain(*functions: str, rule: str = "time.sleep") -> Finding:
    """Return a finding that passes through functions of one module, a line for each."""
    steps = [
        Step("shop/stock.py", line, f"shop.stock.{function}", "call") for line, function in enumerate(functions, 1)
    ]
    return Finding(rule, tuple(steps))


FINDINGS = [chain("cart", "wait"), chain("shelf", "refresh", "wait"), chain("wait", rule="file.open")]


@pytest.fixture
def table(tmp_path: Path) -> Callable[[str], Path]:
    """Return what writes a table."""

    def write(text: str) -> Path:
        file = tmp_path / "table.toml"
        file.write_text(text, encoding="utf-8")
        return file

    return write


def test_findings_read() -> None:
    """What the check prints as JSON becomes call chains."""
    step = {"path": "shop/stock.py", "line": 1, "column": 5, "function": "shop.stock.wait", "call": "call"}
    printed = json.dumps({"findings": [{"rule": "time.sleep", "code": "GAS201", "chain": [step]}]})
    assert read_findings(printed) == [chain("wait")]


def test_causes() -> None:
    """Findings of one rule whose innermost functions are the same have one cause."""
    assert by_cause({SHOP: FINDINGS}) == {WAIT: FINDINGS[:2], OPEN: FINDINGS[2:]}


def test_causes_packages() -> None:
    """Two versions of a package have causes of their own."""
    assert len(by_cause({SHOP: FINDINGS, SHOP._replace(version="1.3"): FINDINGS})) == 4


def test_sample_once() -> None:
    """A cause is drawn once, however many findings share it, and has the number of these."""
    drawn = sample(by_cause({SHOP: FINDINGS}), [], 10, seed=1)
    assert sorted((each.cause, each.sharing) for each in drawn) == [(OPEN, 1), (WAIT, 2)]
    assert all(each.finding in FINDINGS for each in drawn)


def test_sample_seed() -> None:
    """One seed draws the same causes again, in whatever order they were found; another one draws others."""
    causes = by_cause({SHOP: [chain(f"wait{number}") for number in range(100)]})
    first = sample(causes, [], 10, seed=1)
    assert sample(dict(reversed(causes.items())), [], 10, seed=1) == first
    assert sample(causes, [], 10, seed=2) != first


def test_judgement_found() -> None:
    """A judgement belongs to the cause of its package, version, rule, path and function."""
    drawn = sample(by_cause({SHOP: FINDINGS}), [FALSE], 10, seed=1)
    assert {each.cause: each.judgement for each in drawn} == {WAIT: FALSE, OPEN: None}


@pytest.mark.parametrize("field", Cause._fields)
def test_judgement_other(field: str) -> None:
    """A judgement of another version, place or rule judges nothing here."""
    other = FALSE._replace(**{field: "other"})
    assert judged(sample(by_cause({SHOP: FINDINGS}), [other], 10, seed=1)).unjudged == 2


def test_precision() -> None:
    """Precision is the share of true causes among the judged ones: an arguable one is not true."""
    verdicts = ["true", "true", "true", "arguable", "false", None]
    samples = [
        Sampled(WAIT, FINDINGS[0], 1, FALSE._replace(verdict=verdict) if verdict else None) for verdict in verdicts
    ]
    assert judged(samples).precision == 3 / 5
    assert str(judged(samples)) == "60.0% true (3 true, 1 arguable, 1 false; 1 not judged)"


def test_precision_none() -> None:
    """There is no precision where nothing is judged."""
    assert judged([Sampled(WAIT, FINDINGS[0], 1, None)]).precision is None
    assert str(judged([])) == "nothing judged (0 true, 0 arguable, 0 false; 0 not judged)"


def test_false_lines() -> None:
    """False causes come with the number of their findings, the largest first, and those over the goal say so."""
    small = Sampled(OPEN, FINDINGS[2], 1, FALSE)
    large = Sampled(WAIT, FINDINGS[0], 21, FALSE)
    true = Sampled(WAIT, FINDINGS[0], 99, FALSE._replace(verdict="true"))
    assert field_check.false_lines([small, true, large]) == [
        "  false: 21 findings (goal: at most 20): time.sleep in shop.stock.wait, shop 1.2",
        "  false: 1 findings: file.open in shop.stock.wait, shop 1.2",
    ]


def test_entry(table: Callable[[str], Path]) -> None:
    """The entry that is printed for a cause to judge is read once its verdict and reason are there."""
    printed = field_check.entry(Sampled(WAIT, FINDINGS[0], 2, None))
    assert "#   shop/stock.py:1 in shop.stock.cart: call" in printed
    with pytest.raises(TableError, match="verdict is ''"):
        read_judgements(table(printed))
    completed = printed.replace('verdict = ""', 'verdict = "false"').replace(
        'reason = ""', f'reason = "{FALSE.reason}"'
    )
    assert read_judgements(table(completed)) == [FALSE]


@pytest.mark.parametrize(
    ("function", "rules", "hit"),
    [
        ("shop.stock.refresh", ("time.*",), True),
        ("shop.stock", ("file.open", "time.sleep"), True),
        ("shop.stock.ref", ("time.*",), False),
        ("shop.stock.refresh", ("file.*",), False),
    ],
)
def test_bug(function: str, rules: tuple[str, ...], *, hit: bool) -> None:
    """A bug is found where a finding of its rule passes through its function, or through what is defined inside."""
    assert has_bug(Bug("shop/shop", 7, SHOP, function, rules), FINDINGS) is hit


@pytest.mark.parametrize(
    ("name", "only", "read"),
    [
        ("shop/stock.py", (), True),
        ("shop/stock.js", (), False),
        ("shop/tests/stock.py", (), False),
        ("shop/views/list.py", ("shop/views/*",), True),
        ("shop/stock.py", ("shop/views/*",), False),
    ],
)
def test_is_read(name: str, only: tuple[str, ...], *, read: bool) -> None:
    """Of a wheel, Python files that are no tests are read, of the parts that are asked for."""
    assert is_read(name, only) is read


def test_recall_line() -> None:
    """Recall is the share of the reported bugs that are found."""
    bugs = [Bug("shop/shop", number, SHOP, "shop.stock.wait", ("time.sleep",)) for number in range(4)]
    assert field_check.recall_line(dict(zip(bugs, [True, False, True, True], strict=True))) == (
        "recall: 75.0%, 3 of 4 reported bugs (goal: 85%)"
    )


def test_tables() -> None:
    """The tables of the repository are read: enough packages and applications, enough bugs, none of the eight."""
    packages = read_packages(BENCHMARKS / "field_packages.toml")
    assert len(packages) >= 25
    assert [package.kind for package in packages].count("application") >= 6
    assert not {package.name for package in packages} & set(PACKAGES)
    assert len(read_bugs(BENCHMARKS / "field_bugs.toml")) >= 25
    versions = {(package.name, package.version) for package in packages}
    assert {judgement[:2] for judgement in read_judgements(BENCHMARKS / "field_judgements.toml")} <= versions


JUDGEMENT = "\n".join(["[[judgement]]", *(f'{name} = "{value}"' for name, value in FALSE._asdict().items())])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            JUDGEMENT.replace('"false"', '"flase"'),
            "judgement 1: verdict is 'flase'; write one of true, arguable, false",
        ),
        (JUDGEMENT.replace("path =", "file ="), "judgement 1: path is missing; add it"),
        (JUDGEMENT + '\nnote = ""', "judgement 1: unknown: note; delete or rename it"),
        (JUDGEMENT.replace(FALSE.reason, " "), "judgement 1: reason is ' '; write a string"),
        (f"{JUDGEMENT}\n{JUDGEMENT}", "shop.stock.wait is there twice; delete one"),
        (JUDGEMENT.replace("judgement", "judgment"), r"has judgment; write only \[\[judgement\]\]"),
        ("[[judgement]", "cannot be read"),
    ],
)
def test_judgements_error(table: Callable[[str], Path], text: str, message: str) -> None:
    """A mistake in the judgements names the file, the entry, and what is accepted."""
    with pytest.raises(TableError, match=f"^table.toml: .*{message}"):
        read_judgements(table(text))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("number = '7'", "number is '7'; write a number"),
        ("number = 7\nrules = []", r"rules is \[\]; write a list of strings"),
        ("number = 7\nrules = 'time.sleep'", "rules is 'time.sleep'; write a list of strings"),
    ],
)
def test_bugs_error(table: Callable[[str], Path], text: str, message: str) -> None:
    """A mistake in the bugs is reported likewise."""
    bug = f'[[bug]]\nproject = "shop/shop"\npackage = "shop"\nversion = "1"\nfunction = "shop.wait"\n{text}'
    with pytest.raises(TableError, match=f"^table.toml: bug 1: {message}"):
        read_bugs(table(bug))


def test_packages_error(table: Callable[[str], Path]) -> None:
    """So is a package of an unknown kind, and a file that is not there."""
    with pytest.raises(TableError, match=r"^table.toml: package 1: kind is 'app'; write one of application, library$"):
        read_packages(table('[[package]]\nname = "shop"\nversion = "1"\nkind = "app"'))
    with pytest.raises(TableError, match=r"^missing.toml: cannot be read"):
        read_packages(Path("missing.toml"))
