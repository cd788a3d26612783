"""The tree follows its plan: imports point downwards, there is no circle, and every module is in one room."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "ginger_async_safe"
NAME = PACKAGE.name

# The floors of the package, and of those of its folders that have rooms of their own; from the bottom up. A module
# imports from lower floors and from its own room; a room is a folder, or a module beside the folders.
FLOORS = {
    "": [
        {"_runtime", "_version"},
        # Settings and patterns belong to policy, but which code is first party is a setting, which ``_violation`` reads.
        {"_config"},
        {"_detect"},
        {"detect"},
        {"_violation"},
        {"violation"},
        # SynchronousOnlyOperation contains the record of the violation. The error and the warning that lower modules need are
        # in ``_runtime``, and ``exceptions`` exports them.
        {"exceptions"},
        {"_policy"},
        {"policy"},
        {"_decorators"},
        {"decorators"},
        {"blocking"},
        {"_reporting"},
        {"asgi", "lint", "monitor"},
        {"_run"},
        {"cli", "contrib", "pytest_plugin", "testing"},
    ],
    "lint": [
        {"source"},
        {"domain"},
        {"knowledge"},
        {"interpreter"},
        {"django", "overlays"},
        {"dependencies"},
        {"report"},
        {"check"},
    ],
}
DOORS = {"", "__main__"}  # __init__ and python -m: they export what is below

PATHS = sorted(PACKAGE.rglob("*.py"))


def dotted(path: Path) -> str:
    """Return the name of a module below the package; of the package itself, nothing."""
    return ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix("__init__").removesuffix(".")


MODULES = {dotted(path): ast.parse(path.read_text(encoding="utf-8")) for path in PATHS}


def room(module: str, folder: str = "") -> str:
    """Return the room of a module in a folder."""
    return module.removeprefix(folder).removeprefix(".").partition(".")[0]


def floor(name: str, folder: str = "") -> int:
    """Return the height of a room in its folder."""
    return next(height for height, rooms in enumerate(FLOORS[folder]) if name in rooms)


def is_in(module: str, folder: str) -> bool:
    """Return whether a module is in a folder; the folder's own ``__init__`` exports its contents."""
    return module.startswith(f"{folder}." if folder else "") and room(module, folder) not in DOORS


def below_package(name: str) -> str | None:
    """Return the part of a dotted name below this package, or ``None`` for other packages."""
    package, _, rest = name.partition(".")
    return rest if package == NAME else None


def imported(module: str) -> set[str]:
    """Return the modules of this package that a module imports, also for types alone."""
    found: set[str] = set()
    for node in ast.walk(MODULES[module]):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{module} has a relative import"
            # What is imported from a package is a module, or a name of the package itself.
            inner = [f"{node.module}.{alias.name}" for alias in node.names]
            names = [each if below_package(each) in MODULES else node.module or "" for each in inner]
        found |= {name for name in map(below_package, names) if name is not None}
    return found - {module}


def named_in_strings(module: str) -> set[str]:
    """Return the modules of this package that strings of a module name; docstrings may name any."""
    tree = MODULES[module]
    statements = {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    strings = {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in statements
    }
    return {name for name in map(below_package, strings) if name in MODULES and name}


def goes_up(module: str, to: str) -> bool:
    """Return whether an import leads to a floor that is not below the importing module's, and not in its room."""
    if room(module) in DOORS:
        return False
    if room(to) in DOORS:
        return True
    for folder in FLOORS:
        if is_in(module, folder) and is_in(to, folder):
            own, other = room(module, folder), room(to, folder)
            if own != other and floor(other, folder) >= floor(own, folder):
                return True
    return False


def circles(edges: dict[str, set[str]]) -> set[frozenset[str]]:
    """Return the sets of modules that reach one another."""
    reached = {module: _reachable(module, edges) for module in edges}
    return {
        frozenset(other for other in reached[module] if module in reached[other])
        for module in edges
        if module in reached[module]
    }


def _reachable(module: str, edges: dict[str, set[str]]) -> set[str]:
    found: set[str] = set()
    todo = [module]
    while todo:
        new = edges.get(todo.pop(), set()) - found
        found |= new
        todo += new
    return found


@pytest.mark.parametrize("module", sorted(MODULES))
def test_imports_point_downwards(module: str) -> None:
    """A module imports only from lower floors and from its own room, also for types."""
    assert set() == {name for name in imported(module) if goes_up(module, name)}


@pytest.mark.parametrize("module", sorted(MODULES))
def test_strings_point_downwards(module: str) -> None:
    """No string of a module names a module of a higher floor: that would be an import in disguise."""
    assert set() == {name for name in named_in_strings(module) if goes_up(module, name)}


def test_no_circle() -> None:
    """No module is imported by what it imports, also for types alone."""
    inside = {module: imported(module) for module in MODULES if room(module) not in DOORS}
    assert not circles(inside)


@pytest.mark.parametrize("module", sorted(MODULES))
def test_private_folders(module: str) -> None:
    """The parts of a public module of the core are imported by it and by one another; others import the module."""
    private = {f"_{name}": name for name in MODULES if f"_{name}" in MODULES}
    assert {"_decorators", "_detect", "_policy", "_violation"} == set(private)
    own = {room(module), f"_{room(module)}"}
    assert set() == {other for other in imported(module) if room(other) in private and room(other) not in own}


def test_circles_are_found() -> None:
    """Modules that reach themselves are a circle; modules that only lead there are not part of it."""
    edges = {"a": {"b"}, "b": {"c"}, "c": {"b", "d"}, "d": set[str]()}
    assert {frozenset({"b", "c"})} == circles(edges)


@pytest.mark.parametrize("folder", FLOORS)
def test_every_room_has_a_floor(folder: str) -> None:
    """Each folder and each module beside the folders is on one floor, and the rooms of each floor exist."""
    rooms = [name for names in FLOORS[folder] for name in names]
    assert sorted(rooms) == sorted({room(module, folder) for module in MODULES if is_in(module, folder)})


@pytest.mark.parametrize("module", sorted(MODULES))
def test_every_module_says_what_it_is(module: str) -> None:
    """Each module begins with a docstring."""
    assert ast.get_docstring(MODULES[module])
