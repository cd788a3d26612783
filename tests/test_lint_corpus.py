"""The expectations of the corpus are true, and the check meets them."""

from __future__ import annotations

import ast
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from _nursery import Nursery
from lint_corpus.cases import Expected, load_cases

from ginger_async_safe.blocking.rules import ALL_RULES
from ginger_async_safe.lint.check import engine
from ginger_async_safe.lint.check.settings import CheckSettings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lint_corpus.cases import Case

CASES = list(load_cases())
RUN = [case for case in CASES if not case.not_run]
SUBJECTS = sorted({case.name.partition(".")[0] for case in CASES})
WRONG = {
    "flow.callable_decorator": "a decorator's object is given its function when it is called first",
    "flow.callbacks_clean": "a callback that is cancelled before its time",
    "flow.defined_only": "an async function that nobody runs: whoever is given it may",
    "flow.never_consumed": "likewise, an async generator",
    "flow.yield_from": "a generator that is not consumed to its end",
    "inheritance.class_hooks": "__init_subclass__",
    "inheritance.of_session": "a method of the library calls one that the project overrides",
    "inheritance.quiet_constructor": "__new__ that returns something else",
    "names.deleted": "a name that is deleted, and found elsewhere then",
    "names.nonlocal_name": "a variable of the function around, which a function binds anew",
    "names.swapped_names": "names of a module that are swapped",
    "orm_django.class_views": "the generic views of the framework are not read",
    "orm_django.deferred": "fields that only() and defer() leave out",
    "orm_django.inherited_tables": "the link to a derived model's table",
    "orm_django.one_to_one_missing": "a relation that the other side has set",
    "orm_django.optional_rows": "a relation that is null makes no query",
    "orm_django.prefetch_object": "aprefetch_related_objects()",
    "orm_gingerdj.select_related": "a relation that a function below has loaded",
    "values.temporary_files": "what closing a temporary file writes",
}
"""Cases that the check gets wrong, with the reason."""
RULE_IDS = frozenset(rule.id for rule in ALL_RULES)


@pytest.fixture(scope="module")
def nurseries() -> Iterator[dict[str, Nursery]]:
    """The processes from which cases are forked, by the framework that they need."""
    started: dict[str, Nursery] = {}
    yield started
    for each in started.values():
        each.close()


def of_subject(subject: str, cases: list[Case]) -> list[Case]:
    """Return the cases of a subject: one test for all of them, since each test costs as much as a case."""
    return [case for case in cases if case.name.partition(".")[0] == subject]


@pytest.mark.parametrize("subject", SUBJECTS)
def test_truth(nurseries: dict[str, Nursery], subject: str) -> None:
    """A case that is run blocks at the lines and on the calls that its comments say, and nowhere else."""
    wrong = {}
    for case in of_subject(subject, RUN):
        if case.framework:
            pytest.importorskip(case.framework)
        if case.framework not in nurseries:
            nurseries[case.framework] = Nursery("lint_corpus.executing", *filter(None, [case.framework]))
        result = nurseries[case.framework].run(case.name)
        if result["error"] or not is_true(case, result["seen"]):
            wrong[case.name] = result
    assert {} == wrong


def is_true(case: Case, seen: list[list[Any]]) -> bool:
    """Return whether what was recorded while a case ran is what it expects."""
    rules: dict[tuple[str, int], set[str]] = {}
    for file, line, rule in seen:
        rules.setdefault((file, line), set()).add(rule)
    expected = {(each.file, each.line): each.ids for each in case.expected}
    return expected.keys() == rules.keys() and all(
        ids & rules[place] or any(rule.startswith("orm:") for rule in ids) for place, ids in expected.items()
    )


@pytest.mark.parametrize("subject", SUBJECTS)
def test_found(subject: str) -> None:
    """The check finds in a case what its comments say, and nothing else, except in the cases of WRONG."""
    wrong = {}
    for case in of_subject(subject, CASES):
        found = {(each.file, each.line): kind(each.ids) for each in found_in(case)}
        expected = {(each.file, each.line): kind(each.ids) for each in case.expected}
        is_right = expected.keys() == found.keys() and all(expected[place] & found[place] for place in expected)
        if is_right is (case.name in WRONG):
            wrong[case.name] = (expected, found)
    assert {} == wrong


def test_shares() -> None:
    """Nearly everything is found, also of marked functions and of the ORM, and almost nothing is reported wrongly."""
    kinds = {"": [0, 0], "marked": [0, 0], "orm": [0, 0]}
    wrong = 0
    for case in CASES:
        found = {(each.file, each.line) for each in found_in(case)}
        wrong += len(found - {(each.file, each.line) for each in case.expected})
        for each in case.expected:
            for name in {"", next(iter(each.ids)).partition(":")[0]} & kinds.keys():
                kinds[name][0] += (each.file, each.line) in found
                kinds[name][1] += 1
    shares = {name: found / total for name, (found, total) in kinds.items()}
    assert shares[""] >= 0.98
    assert shares["marked"] == 1
    assert shares["orm"] >= 0.97
    assert kinds[""][0] / (kinds[""][0] + wrong) >= 0.98


def test_enough() -> None:
    """There are enough cases, enough of them are clean, nearly all are run, and each states its subject."""
    assert len(CASES) >= 550
    assert sum(not case.expected for case in CASES) >= 0.3 * len(CASES)
    assert len(RUN) >= 0.97 * len(CASES)
    assert len({case.name for case in CASES}) == len(CASES)


@pytest.mark.parametrize("subject", ["dunders", "inheritance", "marked", "names", "values"])
def test_enough_of_subject(subject: str) -> None:
    """In each subject there are cases that block, and cases that only look like it."""
    cases = of_subject(subject, CASES)
    clean = sum(not case.expected for case in cases)
    assert 0.2 * len(cases) < clean < 0.6 * len(cases)


def test_form() -> None:
    """Each case states its subject in a sentence, and expects ids that exist."""
    for case in CASES:
        for file in case.files:
            assert ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))), file
        for each in case.expected:
            assert all(rule in RULE_IDS or rule.startswith(("marked:", "orm:")) for rule in each.ids), each


@cache
def found_in(case: Case) -> frozenset[Expected]:
    """Return what the check finds in a case, in the form in which cases say it."""
    report = engine.check([case.path], root=case.folder, settings=CheckSettings())
    lines: dict[tuple[str, int], set[str]] = {}
    for finding in report.findings:
        first = finding.chain[0]
        lines.setdefault((str(first.path.relative_to(case.folder)), first.line), set()).add(finding.id)
    return frozenset(Expected(file, line, frozenset(ids)) for (file, line), ids in lines.items())


def kind(ids: frozenset[str]) -> set[str]:
    """Return ids in the form in which they are compared: for the ORM, only the line counts."""
    return {"orm" if rule.startswith("orm:") else rule for rule in ids}
