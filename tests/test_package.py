"""The package itself: it exports every public name, and imports the module of a name at its first use."""

from __future__ import annotations

import ast
from importlib import import_module
from pathlib import Path

import pytest
from _running import in_new_process

import ginger_async_safe


def test_homes() -> None:
    """Each public name is imported at run time from the module where type checkers find it."""
    tree = ast.parse(Path(ginger_async_safe.__file__ or "").read_text(encoding="utf-8"))
    (typed,) = (node for node in tree.body if isinstance(node, ast.If))
    seen = {
        alias.name: node.module.removeprefix("ginger_async_safe.")
        for node in typed.body
        if isinstance(node, ast.ImportFrom) and node.module is not None
        for alias in node.names
    }
    assert seen == ginger_async_safe._HOMES
    assert {*seen, "__version__"} == set(ginger_async_safe.__all__)


@pytest.mark.parametrize("name", ginger_async_safe.__all__)
def test_names(name: str) -> None:
    """A name is the object that its module has."""
    value = getattr(ginger_async_safe, name)
    home = ginger_async_safe._HOMES.get(name, "_version")
    assert value is getattr(import_module(f"ginger_async_safe.{home}"), name)
    assert name in dir(ginger_async_safe)


def test_unknown_name() -> None:
    """Any other name is an AttributeError, as in every module."""
    with pytest.raises(AttributeError, match="module 'ginger_async_safe' has no attribute 'async_save'"):
        getattr(ginger_async_safe, "async_save")  # noqa: B009 - type checkers know that it does not exist


def test_imports_nothing_at_first() -> None:
    """The package alone, and pytest's plugin without options, import no other parts."""
    assert [
        ["_version"],
        ["_version", "pytest_plugin", "pytest_plugin.fixtures", "pytest_plugin.options", "pytest_plugin.running"],
    ] == (
        in_new_process("""
            import json, sys
            def parts():
                names = (name.removeprefix("ginger_async_safe.") for name in sys.modules if "ginger_async_safe." in name)
                return sorted(names)
            import ginger_async_safe
            first = parts()
            import ginger_async_safe.pytest_plugin
            print(json.dumps([first, parts()]))
        """)
    )


def test_imports_without_a_warning(tmp_path: Path) -> None:
    """Every module is compiled and imported without a warning, if the frameworks that it is for are installed."""
    modules = in_new_process(
        """
        import importlib, json, pkgutil
        import ginger_async_safe
        modules = ["ginger_async_safe"]
        for module in pkgutil.walk_packages(ginger_async_safe.__path__, "ginger_async_safe."):
            if not module.name.endswith("__main__"):  # which runs the command
                importlib.import_module(module.name)
                modules.append(module.name)
        print(json.dumps(modules))
        """,
        "-X",
        f"pycache_prefix={tmp_path}",  # cached bytecode would cause no warning
    )
    assert {"ginger_async_safe.asgi", "ginger_async_safe.contrib.gingerdj", "ginger_async_safe.pytest_plugin"} <= {
        *modules
    }
