"""The rules of the ORM: those that findings have are listed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from lint_corpus.cases import load_cases

from ginger_async_safe.lint.check import engine
from ginger_async_safe.lint.check.settings import CheckSettings
from ginger_async_safe.lint.knowledge.orm_rules import ORM_RULES

if TYPE_CHECKING:
    from pathlib import Path

SUBJECTS = ("orm_django", "orm_gingerdj")


@pytest.mark.parametrize("subject", SUBJECTS)
def test_listed(subject: str) -> None:
    """Each rule that findings in the corpus have is listed, with the call that they name."""
    found = {
        (finding.id, finding.call)
        for case in load_cases()
        if case.name.startswith(f"{subject}.")
        for finding in engine.check([case.path], root=case.folder, settings=CheckSettings()).findings
        if finding.id.startswith("orm:")
    }
    assert len(found) > 10
    assert set() == {(rule, call) for rule, call in found if call not in ORM_RULES[rule].calls}


@pytest.mark.parametrize(
    ("call", "rule"),
    [
        ("len(Book.objects.all())", "orm:len"),
        ("bool(Book.objects.all())", "orm:bool"),
        ("Book.objects.all()[0]", "orm:index"),
        ("Book() in Book.objects.all()", "orm:contains"),
        ("str(Book.objects.all())", "orm:str"),
        ("list(Book.objects.all())", "orm:iterate"),
        ("Book.objects.get()", "orm:get"),
        ("Book.objects.bulk_create([])", "orm:bulk_create"),
        ("Book().save()", "orm:save"),
        ("Book().full_clean()", "orm:full_clean"),
        ("Book.objects.get().author", "orm:relation"),
        ("Author().books.set([])", "orm:set"),
        ("connection.cursor()", "orm:cursor"),
        ("connection.cursor().executemany('', [])", "orm:executemany"),
        ("get_list_or_404(Book)", "orm:iterate"),
        ("login(request, user)", "orm:save"),
    ],
)
def test_calls(call: str, rule: str, tmp_path: Path) -> None:
    """The call that a finding names is one of its rule's."""
    source = f"""
from django.contrib.auth import login
from django.db import connection, models
from django.shortcuts import get_list_or_404


class Author(models.Model):
    pass


class Book(models.Model):
    author = models.ForeignKey(Author, on_delete=models.CASCADE, related_name="books")


async def view(request, user):
    {call}
"""
    (tmp_path / "shop.py").write_text(source, encoding="utf-8")
    found = engine.check([tmp_path], root=tmp_path, settings=CheckSettings()).findings
    assert {each.call for each in found if each.id == rule} <= set(ORM_RULES[rule].calls)
    assert rule in {each.id for each in found}
