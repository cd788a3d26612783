"""How places in the source are written."""

from __future__ import annotations

from pathlib import Path

import pytest

from ginger_async_safe.lint.domain.findings import Step
from ginger_async_safe.lint.report.places import label, line_of


@pytest.mark.parametrize(
    ("file", "function", "expected"),
    [
        ("shop/views.py", "shop.views.cart", "cart"),
        ("src/shop/views.py", "shop.views.Cart.total", "Cart.total"),
        ("shop/__init__.py", "shop.cart", "cart"),
        ("shop.py", "shop.shop", "shop"),
        ("shop/views.py", "shop.views.cart.<locals>.inner", "inner"),
        ("shop/views.py", "shop.views.cart.<locals>.<lambda>", "<lambda>"),
        ("script.py", "__main__.cart", "__main__.cart"),
    ],
)
def test_label(file: str, function: str, expected: str) -> None:
    """A function is named as at run time: with its class, and without its module."""
    assert expected == label(Step(Path.cwd() / file, 1, 1, function, "time.sleep"))


def test_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """A path is relative to the working directory; one outside of it is absolute."""
    step = Step(Path.cwd() / "shop" / "views.py", 3, 5, "shop.views.cart", "time.sleep")
    assert "shop/views.py:3:5 in cart" == line_of(step)
    step.path.parent.mkdir()
    monkeypatch.chdir("shop")
    assert "views.py:3:5 in cart" == line_of(step)
    Path("deep").mkdir()
    monkeypatch.chdir("deep")
    assert f"{step.path}:3:5 in cart" == line_of(step)
