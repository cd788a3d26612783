"""Which program the words after ``ginger-async-safe run --`` name."""

from __future__ import annotations

import sys
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path

import pytest

from ginger_async_safe.cli import main, programs
from ginger_async_safe.cli.programs import ProgramError, arguments_for_python

SCRIPTS = Path(sys.executable).parent


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory on PATH, which is not this environment's."""
    directory = tmp_path / "bin"
    directory.mkdir()
    monkeypatch.setenv("PATH", str(directory))
    return directory


def write(path: Path, *lines: str) -> str:
    """Write a program that may be run, and return its path."""
    path.write_text("\n".join(lines), encoding="utf-8")
    path.chmod(0o755)
    return str(path)


@pytest.mark.parametrize(
    "words",
    [
        ["script.py", "-q", "--policy"],
        ["./script.py"],
        ["deep/down/script.py"],
        ["app.pyz", "x"],
        ["-m", "shop", "-I"],
        ["-mshop", "-I"],
        ["-W", "error", "-X", "dev", "-um", "shop", "-E"],
        ["-c", "print()", "-S"],
        ["-uc", "print()", "-S"],
        ["-"],
        ["-W", "-I", "script.py"],
        ["no/such/file"],
    ],
)
def test_as_python_has_it(words: list[str]) -> None:
    """Files, and options with a module or code, go to Python word by word."""
    assert words == arguments_for_python(words)


def test_directories(tmp_path: Path) -> None:
    """A directory is a program of Python's, too."""
    (tmp_path / "app").mkdir()
    assert ["app", "x"] == arguments_for_python(["app", "x"])
    assert ["./app"] == arguments_for_python(["./app"])


@pytest.mark.parametrize("option", ["-I", "-E", "-S", "-bI", "-Im", "-uES"])
def test_options_that_hide_the_environment(option: str) -> None:
    """With them the rules would not get in, so they are refused."""
    with pytest.raises(
        ProgramError, match=f"with {option}, Python reads nothing of its environment, .*; leave that out"
    ):
        arguments_for_python(["-W", "error", option, "script.py"])


def test_command_of_this_environment(path: Path) -> None:
    """A command is looked for in this environment first."""
    write(path / "pytest", "#!/usr/bin/python-of-others")
    assert [str(SCRIPTS / "pytest"), "-q"] == arguments_for_python(["pytest", "-q"])


def test_python_itself(path: Path) -> None:
    """This environment's Python may be named; another one may not."""
    assert ["-m", "shop"] == arguments_for_python(["python", "-m", "shop"])
    assert [] == arguments_for_python([sys.executable])
    other = write(path / "python3.1", "")
    with pytest.raises(
        ProgramError, match=r"python3\.1 runs with .*; install ginger-async-safe there, and run it from"
    ):
        arguments_for_python(["python3.1"])
    with pytest.raises(ProgramError, match="install ginger-async-safe there"):
        arguments_for_python([other, "script.py"])
    with pytest.raises(ProgramError, match="with -I, Python reads nothing"):
        arguments_for_python(["python", "-I", "script.py"])


@pytest.mark.parametrize(
    "lines",
    [
        [f"#!{sys.executable}"],
        [f"#!{sys.executable} -u"],
        [f"#! {sys.executable}"],
        ["#!/usr/bin/env python3"],
        ["#!/usr/bin/env -S python3 -u"],
        ["#!/bin/sh", f'\'\'\'exec\' "{sys.executable}" "$0" "$@"', "' '''"],
    ],
)
def test_scripts(path: Path, lines: list[str]) -> None:
    """A script that names this environment's Python, or just any, is run; by its name as well as by its path."""
    script = write(path / "serve", *lines, "print()")
    assert [script, "x"] == arguments_for_python(["serve", "x"])
    assert ["bin/serve", "x"] == arguments_for_python(["bin/serve", "x"])


@pytest.mark.parametrize("lines", [["#!/bin/sh", "exec python"], ["\x7fELF"], [""], ["#!"], ["#!/usr/bin/env"]])
def test_not_python(path: Path, lines: list[str]) -> None:
    """Anything else is refused, with what to do."""
    script = write(path / "serve", *lines)
    for word in ("serve", script):
        with pytest.raises(ProgramError) as caught:
            arguments_for_python([word])
        assert str(caught.value) == (
            f"{script} is no Python program, and the rules hold in Python alone; name the Python program that it starts"
        )


def test_other_environment(path: Path) -> None:
    """A script of another environment would not find its packages here."""
    write(path / "serve", "#!/opt/other/bin/python3")
    with pytest.raises(ProgramError) as caught:
        arguments_for_python(["serve"])
    assert str(caught.value) == (
        f"{path / 'serve'} runs with /opt/other/bin/python3, and this command with {sys.executable}; "
        "install ginger-async-safe there, and run it from there"
    )


@pytest.mark.usefixtures("path")
def test_unknown() -> None:
    """A name that nothing has is told, with where it was looked for."""
    with pytest.raises(ProgramError, match=r"there is no program 'serve', neither in this environment .* nor on PATH"):
        arguments_for_python(["serve"])


@pytest.mark.usefixtures("path")
def test_entry_point(monkeypatch: pytest.MonkeyPatch) -> None:
    """A command without a script that Python can read is found by its entry point, as on Windows."""
    found = EntryPoints([EntryPoint("serve", "shop.cli:Serve.main", "console_scripts")])
    monkeypatch.setattr(programs, "entry_points", lambda **_: found)
    assert [
        "-c",
        "import sys; from shop.cli import Serve; sys.argv[0] = 'serve'; sys.exit(Serve.main())",
        "x",
    ] == arguments_for_python(["serve", "x"])


@pytest.mark.parametrize("words", [["run"], ["run", "--"], ["run", "--policy", "warn", "--"]])
def test_no_program(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Without a program there is nothing to run."""
    assert 1 == main(words)
    assert "which program? Write it after --, as in: ginger-async-safe run -- uvicorn" in capsys.readouterr().err
