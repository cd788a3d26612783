"""The command ``ginger-async-safe``, also as ``python -m ginger_async_safe``."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from ginger_async_safe import __version__
from ginger_async_safe.blocking.rules import ALL_RULES
from ginger_async_safe.cli import main
from ginger_async_safe.lint.knowledge.orm_rules import ORM_RULES

if TYPE_CHECKING:
    from pathlib import Path

FILES = ["README.md", "__init__.py", "asgi.py", "db.py", "settings.py", "views.py", "wsgi.py"]


def names(directory: Path) -> list[str]:
    """Return what is in a directory, sorted."""
    return sorted(path.name for path in directory.iterdir())


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    """``--version`` prints the version."""
    with pytest.raises(SystemExit) as stopped:
        main(["--version"])
    assert (0, f"ginger-async-safe {__version__}\n") == (stopped.value.code, capsys.readouterr().out)


@pytest.mark.parametrize("arguments", [[], ["dance"], ["startproject"]])
def test_usage_errors(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """A usage error has exit code 2, and prints the usage."""
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert 2 == stopped.value.code
    assert "usage: ginger-async-safe" in capsys.readouterr().err


def test_explain(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """``explain`` prints the settings in force and where each comes from."""
    monkeypatch.setenv("GINGER_ASYNC_SAFE", "log")
    assert 0 == main(["explain"])
    lines = {line[:22].strip(): line[22:] for line in capsys.readouterr().out.splitlines()}
    assert "log   from GINGER_ASYNC_SAFE" == lines["policy"]


def test_explain_of_bad_settings(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """``explain`` names an invalid setting; its exit code is then 1."""
    (tmp_path / "pyproject.toml").write_text("[tool.ginger_async_safe]\npolicy = 'shout'\n", encoding="utf-8")
    assert 1 == main(["explain"])
    captured = capsys.readouterr()
    assert "" == captured.out
    assert "pyproject.toml: 'shout' is not a policy; choose one of raise, warn, log, ignore" in captured.err


def test_startproject_here(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without a directory the project is created in the current one, and the next command is printed."""
    assert 0 == main(["startproject", "corner_shop"])
    assert FILES == names(tmp_path / "corner_shop")
    assert "uvicorn corner_shop.asgi:application" in capsys.readouterr().out


def test_startproject_elsewhere(tmp_path: Path) -> None:
    """A missing directory is created, and an empty target is used."""
    target = tmp_path / "deep" / "down"
    assert 0 == main(["startproject", "corner_shop", str(target)])
    (tmp_path / "second_shop").mkdir()
    assert 0 == main(["startproject", "second_shop", str(tmp_path)])
    assert (["corner_shop"], FILES) == (names(target), names(tmp_path / "second_shop"))


def test_startproject_writes_the_name_everywhere(tmp_path: Path) -> None:
    """Every file has the project's name filled in, and every Python file compiles."""
    main(["startproject", "corner_shop"])
    for path in (tmp_path / "corner_shop").iterdir():
        text = path.read_text(encoding="utf-8")
        assert "$name" not in text
        if path.suffix == ".py":
            compile(text, path.name, "exec")
    asgi = (tmp_path / "corner_shop" / "asgi.py").read_text(encoding="utf-8")
    assert 'os.environ.setdefault("GINGER_SETTINGS_MODULE", "corner_shop.settings")' in asgi


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("1shop", "use letters, digits and underscores, a letter first"),
        ("corner-shop", "use letters, digits and underscores, a letter first"),
        ("", "use letters, digits and underscores, a letter first"),
        ("../shop", "use letters, digits and underscores, a letter first"),
        ("class", "it is a keyword of Python"),
        ("None", "it is a keyword of Python"),
        ("json", "a module of that name exists already"),
        ("ginger_async_safe", "a module of that name exists already"),
        ("__main__", "a module of that name exists already"),
    ],
)
def test_bad_names(name: str, why: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An invalid name is refused with the reason, and nothing is written."""
    assert 1 == main(["startproject", name])
    assert why in capsys.readouterr().err
    assert [] == names(tmp_path)


@pytest.mark.parametrize("is_directory", [True, False])
def test_taken_target(is_directory: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A target that is not empty is refused, and is not changed."""
    taken = tmp_path / "corner_shop"
    kept = taken / "kept.txt" if is_directory else taken
    kept.parent.mkdir(exist_ok=True)
    kept.write_text("mine", encoding="utf-8")
    assert 1 == main(["startproject", "corner_shop"])
    assert "exists already and is not an empty directory" in capsys.readouterr().err
    assert ("mine", ["corner_shop"]) == (kept.read_text(encoding="utf-8"), names(tmp_path))


def test_name_that_would_shadow_a_module(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The name of a module beside the target is refused, since the package would be imported instead of it."""
    (tmp_path / "corner_shop.py").touch()
    assert 1 == main(["startproject", "corner_shop"])
    assert "it would shadow corner_shop.py" in capsys.readouterr().err
    assert ["corner_shop.py"] == names(tmp_path)


def test_impossible_directory(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A directory that cannot be created is an error of one line."""
    (tmp_path / "file").touch()
    assert 1 == main(["startproject", "corner_shop", str(tmp_path / "file")])
    assert "choose a writable directory" in capsys.readouterr().err


def test_module(tmp_path: Path) -> None:
    """``python -m ginger_async_safe`` is the same command, also where an empty target is importable."""
    (tmp_path / "corner_shop").mkdir()
    command = [sys.executable, "-m", "ginger_async_safe", "startproject", "corner_shop"]
    assert 0 == subprocess.run(command, cwd=tmp_path, check=False, stdout=subprocess.DEVNULL).returncode
    assert FILES == names(tmp_path / "corner_shop")


def test_rules(capsys: pytest.CaptureFixture[str]) -> None:
    """``rules`` lists each rule once, sorted, with its category, why it blocks, and its fix."""
    assert 0 == main(["rules"])
    lines = capsys.readouterr().out.splitlines()
    assert [*sorted({rule.id for rule in ALL_RULES}), *sorted(ORM_RULES)] == [line.split()[0] for line in lines]
    assert ["time.sleep", "time"] == next(line.split()[:2] for line in lines if line.startswith("time.sleep"))
    assert [] == [line for line in lines if "; fix: " not in line]


def test_closed_pipe() -> None:
    """If the reader of the output closes the pipe, as ``head`` does, the command ends without a traceback."""
    command = [sys.executable, "-m", "ginger_async_safe", "rules"]
    reads, writes = os.pipe()
    os.close(reads)
    try:
        done = subprocess.run(command, stdout=writes, stderr=subprocess.PIPE, text=True, check=False)
    finally:
        os.close(writes)
    assert (1, "") == (done.returncode, done.stderr)


def test_one_rule(capsys: pytest.CaptureFixture[str]) -> None:
    """``rules ID`` shows the details of a rule."""
    assert 0 == main(["rules", "time.sleep"])
    assert [
        "time.sleep",
        "  category  time",
        "  reason    it blocks the thread, and with it every task on this loop",
        "  fix       await asyncio.sleep(...)",
        "  covers    time.sleep",
        "  more      docs/rules.md#timesleep",
    ] == capsys.readouterr().out.splitlines()


def test_rules_of_the_orm(capsys: pytest.CaptureFixture[str]) -> None:
    """``rules`` shows the details of the ORM's rules, too, and refuses an id that none has."""
    assert 0 == main(["rules", "orm:len, time.sleep, orm:savepoint_*"])
    shown = [line for line in capsys.readouterr().out.splitlines() if not line.startswith(" ")]
    assert ["time.sleep", "orm:len", "orm:savepoint_commit", "orm:savepoint_rollback"] == shown
    assert 1 == main(["rules", "orm:relatoin"])
    assert "'orm:relatoin' matches no rule; did you mean orm:relation" in capsys.readouterr().err


def test_rules_and_settings(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Rules that the settings add are listed; those that they switch off or restrict are marked."""
    path = tmp_path / "pyproject.toml"
    path.write_text(
        "[tool.ginger_async_safe.rules]\n"
        'without = ["file.*"]\n'
        'only-from = { "time.*" = ["shop", "depot"] }\n'
        'add = [{ target = "lathe.turn", reason = "it turns" }]\n',
        encoding="utf-8",
    )
    assert 0 == main(["rules", "file.open, time.sleep, lathe.*"])
    output = capsys.readouterr().out
    source = f"from [tool.ginger_async_safe.rules] in {path}"
    assert [f"left out   {source}", f"only from shop, depot   {source}"] == re.findall(r"  settings  (.*)", output)
    assert "  fix       await sync_to_async(lathe.turn)(...)\n" in output
    assert 0 == main(["rules"])
    assert {"file.open", "lathe.turn"} <= {line.split()[0] for line in capsys.readouterr().out.splitlines()}


def test_unknown_rule(capsys: pytest.CaptureFixture[str]) -> None:
    """A pattern that matches nothing is an error."""
    assert 1 == main(["rules", "time.slep"])
    assert "'time.slep' matches no rule; `ginger-async-safe rules` lists them" in capsys.readouterr().err
