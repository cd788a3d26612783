"""The tree keeps to its plan: imports point downwards, and every module is in one room."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "ginger_async_safe"

# From the bottom up; modules of one floor may not import each other, but for those of one folder.
FLOORS = [
    {"_version", "_frames", "_bytecode", "_wrapper", "_loops", "_notebooks", "exceptions"},
    {"_onlookers", "_patterns", "_places", "detect"},
    {"_hatch", "_settings", "violation"},
    {"_grants", "_qualnames", "_repeats"},
    {"_baseline", "policy"},
    {"_callables", "_explain", "_reporting"},
    {"decorators"},
    {"blocking"},
    {"asgi", "lint", "monitor"},
    {"_run"},
    {"cli", "contrib", "pytest_plugin"},
]
DOORS = {"", "__main__"}  # __init__ and python -m: they hand out what is below

MODULES = sorted(PACKAGE.rglob("*.py"))


def room(module: str) -> str:
    """Return the top-level room of a dotted module name."""
    return module.removeprefix("ginger_async_safe").removeprefix(".").partition(".")[0]


def floor(name: str) -> int:
    """Return how high a room is."""
    return next(height for height, rooms in enumerate(FLOORS) if name in rooms)


def imported(path: Path) -> set[str]:
    """Return the modules of this package that a file imports when it runs."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    only_for_types = {
        child
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
        for child in ast.walk(node)
    }
    found: set[str] = set()
    for node in ast.walk(tree):
        if node in only_for_types:
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module == "ginger_async_safe":
            found |= {f"ginger_async_safe.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path.name} has a relative import"
            found.add(node.module or "")
    return {name for name in found if name.partition(".")[0] == "ginger_async_safe"}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_downwards(path: Path) -> None:
    """A module imports only from lower floors and from its own folder."""
    own = path.relative_to(PACKAGE).with_suffix("").parts
    own_room = "" if own == ("__init__",) else own[0]
    if own_room in DOORS:
        return
    upwards = {
        name
        for name in imported(path)
        if room(name) != own_room and (room(name) in DOORS or floor(room(name)) >= floor(own_room))
    }
    assert set() == upwards


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_every_module_says_what_it_is(path: Path) -> None:
    """A module begins with a docstring."""
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
