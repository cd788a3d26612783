"""The wheel that users install: what is in it, and that it works in an environment of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from email.parser import Parser
from pathlib import Path
from zipfile import ZipFile

import pytest

from ginger_async_safe import __version__

ROOT = Path(__file__).parent.parent
INFO = f"ginger_async_safe-{__version__}.dist-info"
TEMPLATES = ["README.md", "__init__.py", "asgi.py", "db.py", "settings.py", "views.py", "wsgi.py"]


def run(*command: str | Path, cwd: Path = ROOT) -> str:
    """Run a command and return what it prints."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("GINGER_")}
    return subprocess.run(command, cwd=cwd, env=environment, check=True, capture_output=True, text=True).stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from this tree."""
    directory = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", directory)
    (built,) = directory.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of a new environment that holds the wheel and what it depends on, and nothing else."""
    directory = tmp_path_factory.mktemp("environment")
    venv.create(directory, with_pip=False)
    interpreter = directory / ("Scripts" if os.name == "nt" else "bin") / "python"
    run(sys.executable, "-m", "pip", "--python", interpreter, "install", "--quiet", wheel)
    return interpreter


def test_contents(wheel: Path) -> None:
    """The wheel contains the package, its templates and its type marker, and nothing from outside the package."""
    with ZipFile(wheel) as archive:
        names = archive.namelist()
    templates = "ginger_async_safe/cli/templates/project/"
    assert sorted(f"{templates}{name}.tmpl" for name in TEMPLATES) == sorted(
        name for name in names if name.startswith(templates)
    )
    all_templates = {
        str(path.relative_to(ROOT)) for path in (ROOT / "ginger_async_safe" / "cli" / "templates").rglob("*.tmpl")
    }
    assert all_templates <= set(names)
    assert "ginger_async_safe/py.typed" in names
    assert {"ginger_async_safe", INFO} == {name.partition("/")[0] for name in names}
    sources = {str(path.relative_to(ROOT)) for path in (ROOT / "ginger_async_safe").rglob("*.py")}
    assert sources <= set(names)


def test_metadata(wheel: Path) -> None:
    """The core depends on asgiref and typing-extensions alone; the license and the command are there."""
    with ZipFile(wheel) as archive:
        metadata = Parser().parsestr(archive.read(f"{INFO}/METADATA").decode())
        commands = archive.read(f"{INFO}/entry_points.txt").decode()
    core = [each for each in metadata.get_all("Requires-Dist", []) if "extra ==" not in each]
    assert ["asgiref", "typing-extensions"] == [each.partition(">")[0] for each in core]
    assert "BSD-3-Clause" == metadata["License-Expression"]
    assert "ginger-async-safe = ginger_async_safe.cli:main" in commands


def test_startproject(python: Path, tmp_path: Path) -> None:
    """After a plain install, the command creates a project that imports and responds."""
    command = python.parent / "ginger-async-safe"
    assert "uvicorn corner_shop.asgi:application" in run(command, "startproject", "corner_shop", cwd=tmp_path)
    assert TEMPLATES == sorted(path.name for path in (tmp_path / "corner_shop").iterdir())
    code = "from corner_shop import asgi, db; print(type(asgi.application).__name__, len(db.list_books()))"
    assert "ASGIHandler 3\n" == run(python, "-c", code, cwd=tmp_path)


def test_core_alone(python: Path, tmp_path: Path) -> None:
    """The core works with nothing else installed, and imports neither a framework nor an event loop library."""
    code = """
import sys
import ginger_async_safe
unwanted = {"asgiref", "django", "gevent", "gingerdj", "greenlet", "rich", "trio", "uvloop"}
print(sorted(unwanted & set(sys.modules)), ginger_async_safe.in_async_context())
"""
    assert "[] False\n" == run(python, "-c", code, cwd=tmp_path)
