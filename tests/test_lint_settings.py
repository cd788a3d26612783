"""``[tool.ginger_async_safe.check]`` in ``pyproject.toml``."""

from __future__ import annotations

from pathlib import Path

import pytest

from ginger_async_safe.exceptions import ConfigurationError
from ginger_async_safe.lint.check.settings import (
    CheckSettings,
    IgnoredInFiles,
    MarkedPattern,
    project_root,
    settings_of_file,
)


def write(text: str) -> None:
    """Write the settings."""
    Path("pyproject.toml").write_text(f"[tool.ginger_async_safe.check]\n{text}\n", encoding="utf-8")


def test_none() -> None:
    """Without a file, everything has its default, and the working directory is the project's folder."""
    assert CheckSettings(cache=Path.cwd() / ".ginger_async_safe_cache") == settings_of_file()
    assert Path.cwd() == project_root()


def test_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each setting is read, from the nearest file upwards."""
    write("""
        paths = ["src"]
        select = ["time", "marked:shop.*", "orm"]
        ignore = ["GAS206"]
        exclude = ["migrations/*"]
        per-file-ignores = { "tests/*" = ["time"] }
        marked = ["shop.stock.recount"]
        baseline = "known.txt"
        format = "github"
        dependencies = true
        python = ".venv"
    """)
    root = Path.cwd()
    Path("src").mkdir()
    monkeypatch.chdir("src")
    assert root == project_root()
    assert settings_of_file() == CheckSettings(
        paths=("src",),
        select=("time", "marked:shop.*", "orm"),
        ignore=("GAS206",),
        exclude=("migrations/*",),
        per_file_ignores=(IgnoredInFiles("tests/*", ("time",)),),
        marked=(MarkedPattern("shop.stock.recount"),),
        baseline="known.txt",
        format="github",
        dependencies=True,
        python=".venv",
        cache=root / ".ginger_async_safe_cache",
        source=f"[tool.ginger_async_safe.check] in {root / 'pyproject.toml'}",
    )


def test_marked_with_fixes() -> None:
    """The settings of marked functions may contain the fix."""
    write('[tool.ginger_async_safe.check.marked]\n"shop.*.recount" = "await shop.arecount()"\n"shop.wait" = ""')
    expected = (MarkedPattern("shop.*.recount", "await shop.arecount()"), MarkedPattern("shop.wait"))
    assert expected == settings_of_file().marked


def test_link_out_of_the_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A baseline that a link leads out of the project is refused: whoever wrote the project may not choose what is written."""
    project = tmp_path / "project"
    project.mkdir()
    monkeypatch.chdir(project)
    Path("known.txt").symlink_to(tmp_path / "other.txt")
    write('baseline = "known.txt"')
    with pytest.raises(ConfigurationError, match=r"'known\.txt' is outside of the project's folder"):
        settings_of_file()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("path = ['src']", "there is no setting 'path'; did you mean paths? there are paths, select, ignore, "),
        (
            "wobble = 1",
            (
                "there is no setting 'wobble'; there are paths, select, ignore, exclude, per-file-ignores, marked, imports, baseline, "
                "format"
            ),
        ),
        ("paths = 'src'", "paths: it takes a list of strings, such as [\"src\"], not 'src'"),
        ("exclude = [1]", 'exclude: it takes a list of strings, such as ["migrations/*"], not [1]'),
        ("select = ['time.slep']", "select: 'time.slep' matches no rule; did you mean time.sleep"),
        ("ignore = ['']", "ignore: it takes a list of strings"),
        ("baseline = true", 'baseline: it takes the name of a file, such as "known.txt", not True'),
        ("format = 'xml'", "format: 'xml' is no format; choose one of text, concise, json, sarif, github"),
        ("baseline = '../known.txt'", "baseline: '../known.txt' is outside of the project's folder, "),
        ("baseline = '/known.txt'", "baseline: '/known.txt' is outside of the project's folder, "),
        ("paths = ['src', '..']", "paths: '..' is outside of the project's folder, "),
        (
            "per-file-ignores = ['tests']",
            'per-file-ignores: it takes a table of globs and rules, such as "tests/*" = ["time"]',
        ),
        ("per-file-ignores = {'tests/*' = ['time.slep']}", "per-file-ignores: 'time.slep' matches no rule"),
        ("dependencies = 'yes'", "dependencies: it takes true or false, not 'yes'"),
        (
            "python = 3",
            'python: it takes an interpreter or the folder of a virtual environment, such as ".venv", not 3',
        ),
        ("marked = 'shop.recount'", 'marked: it takes a list of strings, such as ["shop.stock.recount"]'),
        ("marked = ['a b']", "marked: 'a b' is not a pattern"),
        ("marked = {a = 1}", "marked: 'a' takes its fix, as a string, not 1"),
    ],
)
def test_trouble(text: str, why: str) -> None:
    """An invalid value is refused, with the file and what to write."""
    write(text)
    with pytest.raises(ConfigurationError) as error:
        settings_of_file()
    assert str(error.value).startswith(f"[tool.ginger_async_safe.check] in {Path.cwd() / 'pyproject.toml'}: ")
    assert why in str(error.value)
