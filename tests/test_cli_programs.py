"""Which program the arguments after ``ginger-async-safe run --`` name."""

from __future__ import annotations

import sys
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path

import pytest

from ginger_async_safe.cli import main, programs
from ginger_async_safe.cli.programs import ProgramError, arguments_for_python, options_of_this_python

SCRIPTS = Path(sys.executable).parent


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory on PATH outside of this environment."""
    directory = tmp_path / "bin"
    directory.mkdir()
    monkeypatch.setenv("PATH", str(directory))
    return directory


def write(path: Path, *lines: str) -> str:
    """Write an executable program, and return its path."""
    path.write_text("\n".join(lines), encoding="utf-8")
    path.chmod(0o755)
    return str(path)


@pytest.mark.parametrize(
    "args",
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
def test_passed_on_unchanged(args: list[str]) -> None:
    """Files, and options with a module or code, are passed to Python unchanged."""
    assert args == arguments_for_python(args)


def test_directories(tmp_path: Path) -> None:
    """A directory with a ``__main__.py`` is a Python program too."""
    (tmp_path / "app").mkdir()
    assert ["app", "x"] == arguments_for_python(["app", "x"])
    assert ["./app"] == arguments_for_python(["./app"])


@pytest.mark.parametrize(
    ("args", "options"),
    [
        (["-m", "ginger_async_safe", "run", "--", "-X", "dev", "x.py"], []),
        (["/env/bin/ginger-async-safe", "run", "--", "x.py"], []),
        (
            ["-W", "error", "-X", "dev", "-OO", "-Wignore", "-m", "ginger_async_safe"],
            ["-W", "error", "-X", "dev", "-OO", "-Wignore"],
        ),
        (["-ubm", "ginger_async_safe", "run"], ["-ub"]),
        (["-c", "import ginger_async_safe.cli"], []),
    ],
)
def test_options_of_this_python(args: list[str], options: list[str]) -> None:
    """The options of the Python that runs the command are passed on to the program."""
    assert options == options_of_this_python(["python", *args])


def test_option_of_this_python_that_hides_the_environment() -> None:
    """An option that makes Python ignore its environment is refused there, too."""
    with pytest.raises(ProgramError, match=r"-I makes Python ignore its environment"):
        options_of_this_python(["python", "-I", "-m", "ginger_async_safe", "run"])


@pytest.mark.parametrize("option", ["-I", "-E", "-S", "-bI", "-Im", "-uES"])
def test_options_that_hide_the_environment(option: str) -> None:
    """With them the rules could not be enabled, so they are refused."""
    with pytest.raises(ProgramError, match=f"{option} makes Python ignore its environment, .*; leave it out"):
        arguments_for_python(["-W", "error", option, "script.py"])


def test_command_of_this_environment(path: Path) -> None:
    """A command is searched for in this environment first."""
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
    with pytest.raises(ProgramError, match="-I makes Python ignore its environment"):
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
    """A script that names this environment's Python, or any Python, is run by its name or its path."""
    script = write(path / "serve", *lines, "print()")
    assert [script, "x"] == arguments_for_python(["serve", "x"])
    assert ["bin/serve", "x"] == arguments_for_python(["bin/serve", "x"])


@pytest.mark.parametrize("lines", [["#!/bin/sh", "exec python"], ["\x7fELF"], [""], ["#!"], ["#!/usr/bin/env"]])
def test_not_python(path: Path, lines: list[str]) -> None:
    """Anything else is refused, with the fix."""
    script = write(path / "serve", *lines)
    for arg in ("serve", script):
        with pytest.raises(ProgramError) as caught:
            arguments_for_python([arg])
        assert str(caught.value) == (
            f"{script} is not a Python program; name the Python program that it starts, in which the rules can be enabled"
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
    """An unknown name is refused, with the places that were searched."""
    with pytest.raises(ProgramError, match=r"there is no program 'serve' in this environment .* or on PATH"):
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


@pytest.mark.parametrize("args", [["run"], ["run", "--"], ["run", "--policy", "warn", "--"]])
def test_no_program(args: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Without a program, the command fails with an example."""
    assert 1 == main(args)
    assert "no program is given; write it after --, as in: ginger-async-safe run -- uvicorn" in capsys.readouterr().err
