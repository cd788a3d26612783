"""What ``ginger-async-safe check`` reads: paths and their project, standard input, what git says has changed."""

from __future__ import annotations

import io
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from _reports import write_shop

from ginger_async_safe.cli import main

if TYPE_CHECKING:
    from collections.abc import Callable

    Check = Callable[..., tuple[int, list[str], str]]

VIEW = "shop/views.py:5:5: GAS201 time.sleep blocks the event loop in dashboard, through wait"
CART = "shop/views.py:9:5: GAS201 time.sleep blocks the event loop in cart, through wait"
SHELF = "shop/views.py:13:5: GAS201 time.sleep blocks the event loop in shelf, through recount"


@pytest.fixture
def check(capsys: pytest.CaptureFixture[str]) -> Check:
    """Run the check itself on a shop; return its exit code, the findings without their fixes, and what it prints beside."""
    write_shop()

    def run(*words: str) -> tuple[int, list[str], str]:
        code = main(["check", "--format", "concise", *words])
        captured = capsys.readouterr()
        return code, [line.partition("; fix: ")[0] for line in captured.out.splitlines()], captured.err

    return run


class TestContext:
    """Paths, and the project that they belong to."""

    @pytest.mark.parametrize("path", ["shop/views.py", "./shop/../shop/views.py", "shop"])
    def test_rest_of_the_project(self, check: Check, path: str) -> None:
        """A file or folder has the findings that it has in its project, however its path is written."""
        assert (1, [VIEW, CART, SHELF], "") == check(path)
        assert (0, [], "") == check("shop/stock.py")

    def test_without_settings(self, check: Check) -> None:
        """Without a pyproject.toml, the working directory is the project."""
        Path("pyproject.toml").unlink()
        assert (1, [VIEW, CART, SHELF], "") == check("shop/views.py")

    def test_from_a_folder_of_it(self, check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
        """The project is found from a folder in it."""
        monkeypatch.chdir("shop")
        assert [each.removeprefix("shop/") for each in (VIEW, CART, SHELF)] == check("views.py")[1]

    def test_paths_of_settings(self, check: Check) -> None:
        """The settings say what the project is, and what is beside that can be named."""
        write_shop(settings='[tool.ginger_async_safe.check]\npaths = ["shop"]\n')
        Path("other.py").write_text(
            "from shop.stock import wait\n\n\nasync def view():\n    wait()\n", encoding="utf-8"
        )
        Path("broken.py").write_text("def (:", encoding="utf-8")
        found = ["other.py:5:5: GAS201 time.sleep blocks the event loop in view, through wait"]
        assert (1, found, "") == check("other.py")

    def test_linked_project(self, check: Check, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A path through a link into the project is one in the project."""
        (tmp_path.parent / f"{tmp_path.name}-link").symlink_to(tmp_path)
        assert [VIEW, CART, SHELF] == check(str(tmp_path.parent / f"{tmp_path.name}-link" / "shop" / "views.py"))[1]

    @pytest.mark.parametrize("marker", ["setup.cfg", "pyproject.toml", "shop/__init__.py"])
    def test_of_another_project(self, check: Check, marker: str, monkeypatch: pytest.MonkeyPatch) -> None:
        """A path elsewhere belongs to the nearest folder that looks like a project, or to that of its package."""
        for name in ("pyproject.toml", "shop/__init__.py"):
            Path(name).unlink()
        Path(marker).touch()
        Path("elsewhere").mkdir()
        monkeypatch.chdir("elsewhere")
        code, found, _ = check(str(Path.cwd().parent / "shop" / "views.py"))
        assert (1, [f"{Path.cwd().parent}/{each}" for each in (VIEW, CART, SHELF)]) == (code, found)

    def test_home(self, check: Check, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        """A home directory is no project, unless it looks like one: all that a user has is not read for one file."""
        monkeypatch.setenv("HOME", str(tmp_path))
        monkeypatch.setenv("USERPROFILE", str(tmp_path))
        Path("pyproject.toml").unlink()
        Path("broken.py").write_text("def (:", encoding="utf-8")
        assert (1, [VIEW, CART, SHELF], "") == check("shop/views.py")

    def test_temporary_folder(self, check: Check, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        """Nor is the folder of temporary files."""
        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
        Path("pyproject.toml").unlink()
        Path("broken.py").write_text("def (:", encoding="utf-8")
        assert (1, [VIEW, CART, SHELF], "") == check("shop/views.py")

    def test_summary(self, check: Check, capsys: pytest.CaptureFixture[str]) -> None:
        """How much is read as context is reported, and what of it cannot be."""
        Path("broken.py").write_text("def (:", encoding="utf-8")
        assert 1 == main(["check", "shop/views.py"])
        text = capsys.readouterr().out
        assert "left out\n  broken.py: not read as context: " in text
        assert text.endswith("3 findings, of 1 call in 1 file (2 files read as context)\n")
        for number in range(4):
            Path(f"broken{number}.py").write_text("def (:", encoding="utf-8")
        assert 1 == main(["check", "shop/views.py"])
        assert (
            "  broken1.py: not read as context: invalid syntax\n  2 more files not read as context\n"
            in capsys.readouterr().out
        )

    def test_comments(self, check: Check) -> None:
        """Comments of the context count, and what is wrong with them is its own affair."""
        stock = "import time\n\n\ndef wait():\n    time.sleep(1)  # async-safe: allow[time] - it is short\n\n\nx = 1  # async-safe: no\n"
        write_shop(stock=f"{stock}\n\ndef recount():\n    wait()\n")
        assert (0, [], "") == check("shop/views.py")
        assert (1, 1) == (check()[0], len(check()[1]))

    def test_nothing_is_a_file(self, check: Check) -> None:
        """What is no file is never reported as one without findings."""
        assert 2 == check(os.devnull)[0]
        Path("data").mkdir()
        code, found, error = check("data")
        assert (2, []) == (code, found)
        assert "there is no Python file below data; name a folder or file that has some" in error

    @pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no FIFOs")
    def test_fifo(self, check: Check) -> None:
        """A FIFO is never opened: in a folder it is left out, and reported; where it is named that is an error."""
        Path("data").mkdir()
        os.mkfifo("data/fifo.py")
        assert (1, [VIEW, CART, SHELF], "ginger-async-safe: note: data/fifo.py is left out: a FIFO\n") == check()
        error = "data/fifo.py: could not be read: it is a FIFO; name a file or folder, or - for standard input"
        assert (2, [error], "") == check("data/fifo.py")
        assert "there is no Python file below data (data/fifo.py is a FIFO); " in check("data")[2]

    def test_rot13(self, check: Check) -> None:
        """A file in an encoding that is none of text is reported, as Python would refuse it."""
        Path("rot.py").write_text("# coding: rot13\nvzcbeg gvzr\n", encoding="utf-8")
        assert (2, [VIEW, CART, SHELF, "rot.py: could not be read: 'rot13' is not a text encoding"], "") == check()

    def test_exclude(self, check: Check) -> None:
        """``--exclude`` may be given several times, and adds to the settings."""
        write_shop(settings='[tool.ginger_async_safe.check]\nexclude = ["old"]\n')
        for name in ("old", "older", "oldest", "oldest.of"):
            Path(name).mkdir()
            Path(name, "a.py").write_text("def (:", encoding="utf-8")
        assert 4 == len(check("--exclude", "older, oldest")[1])
        assert (1, [VIEW, CART, SHELF], "") == check("--exclude", "older", "--exclude", "oldest,oldest.*/a.py")


class TestStandardInput:
    """``-`` and ``--stdin-filename``."""

    SOURCE = "from shop.stock import wait\n\n\nasync def view():\n    wait()\n"

    @pytest.fixture
    def stdin(self, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
        """Set what standard input has."""
        return lambda text: monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))

    @pytest.mark.parametrize("words", [["-"], []])
    def test_in_place_of_a_file(self, check: Check, stdin: Callable[[str], None], words: list[str]) -> None:
        """It is read in place of the file, which need not exist, as a part of the project."""
        for name in ("shop/views.py", "shop/new.py"):
            stdin(self.SOURCE)
            found = [f"{name}:5:5: GAS201 time.sleep blocks the event loop in view, through wait"]
            assert (1, found, "") == check(*words, "--stdin-filename", name)
        assert (1, [VIEW, CART, SHELF], "") == check("shop/views.py")

    def test_without_a_name(self, check: Check, stdin: Callable[[str], None]) -> None:
        """Without the name of a file it belongs to no project."""
        stdin(self.SOURCE + "    open('x')\n")
        code, found, _ = check("-")
        assert (1, ["-:6:5: GAS202 file.open blocks the event loop in view"]) == (code, found)

    def test_broken(self, check: Check, stdin: Callable[[str], None]) -> None:
        """What is no Python is reported with its line."""
        stdin("x = 1\ndef (:\n")
        code, (line,), _ = check("-", "--stdin-filename", "shop/views.py")
        assert (2, True) == (code, line.startswith("shop/views.py:2: could not be read: "))

    def test_notebook_and_stub(self, check: Check, stdin: Callable[[str], None]) -> None:
        """Its name says what it is."""
        cell = {"cell_type": "code", "source": self.SOURCE}
        stdin(json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell]}))
        assert check("-", "--stdin-filename", "nb.ipynb")[1][0].startswith("nb.ipynb:cell 1:5:5: GAS201")
        stdin(self.SOURCE)
        assert (0, [], "") == check("-", "--stdin-filename", "views.pyi")

    def test_no_file(self, check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
        """What cannot be read is an error."""
        monkeypatch.setattr("sys.stdin", None)
        assert "standard input cannot be read: it is closed; give it the contents of a file" in check("-")[2]

        class Broken(io.BytesIO):
            def read(self, _: int | None = -1) -> bytes:
                raise OSError(5, "Input/output error")

        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(Broken()))
        assert "standard input cannot be read: Input/output error; give it" in check("-")[2]

    @pytest.mark.parametrize(
        ("words", "why"),
        [
            (["-", "shop"], "standard input is one file: name no other path beside - and --stdin-filename"),
            (["-", "--changed"], "--changed needs files, and standard input is none; give paths instead of -"),
            (["-", "--add-suppressions"], "--add-suppressions needs files, and standard input is none; "),
            (["--stdin-filename", "shop"], "--stdin-filename: shop is a folder; name the file that "),
        ],
    )
    def test_misused(self, check: Check, words: list[str], why: str) -> None:
        """What makes no sense with it is refused."""
        code, found, error = check(*words)
        assert (2, []) == (code, found)
        assert f"ginger-async-safe: {why}" in error


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
class TestChanged:
    """``--changed [REF]``."""

    def git(self, *words: str) -> None:
        """Run git."""
        environment = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
        who = [
            "-c",
            "user.name=A",
            "-c",
            "user.email=a@b.c",
            "-c",
            "commit.gpgsign=false",
            "-c",
            "core.hooksPath=/dev/null",
        ]
        subprocess.run(["git", *who, *words], check=True, capture_output=True, env=environment)

    @pytest.fixture
    def repository(self, check: Check) -> None:
        """Commit the shop, and one more file with a finding, to a repository."""
        Path("other.py").write_text("async def view():\n    open('x')\n", encoding="utf-8")
        Path(".gitignore").write_text(".ginger_async_safe_cache\nignored.py\n", encoding="utf-8")
        self.git("init", "--initial-branch=main")
        self.git("add", ".")
        self.git("commit", "-m", "one")

    def change(self, name: str) -> None:
        """Change a file."""
        path = Path(name)
        path.write_text(f"{path.read_text(encoding='utf-8')}\n# changed\n", encoding="utf-8")

    @pytest.mark.usefixtures("repository")
    def test_nothing(self, check: Check) -> None:
        """If nothing has changed, nothing is reported."""
        assert (0, [], "") == check("--changed")

    @pytest.mark.usefixtures("repository")
    @pytest.mark.parametrize("name", ["shop/views.py", "shop/stock.py"])
    def test_what_reaches_it(self, check: Check, name: str) -> None:
        """Call chains from and through a changed file are reported, staged or not, and no others."""
        self.change(name)
        assert (1, [VIEW, CART, SHELF], "") == check("--changed")
        self.git("add", ".")
        assert (1, [VIEW, CART, SHELF], "") == check("--changed")
        self.git("commit", "-m", "two")
        assert (0, [], "") == check("--changed")
        assert (1, [VIEW, CART, SHELF], "") == check("--changed", "HEAD~1")

    @pytest.mark.usefixtures("repository")
    def test_new_and_gone(self, check: Check) -> None:
        """New files count, unless git ignores them; deleted ones do not."""
        Path("other.py").unlink()
        for name in ("new ä.py", "ignored.py"):
            Path(name).write_text("async def view():\n    open('x')\n", encoding="utf-8")
        assert (1, ["new ä.py:2:5: GAS202 file.open blocks the event loop in view"], "") == check("--changed")

    @pytest.mark.usefixtures("repository")
    def test_since_a_branch_began(self, check: Check) -> None:
        """Of a branch, what it has changed since it began counts, and not what was changed elsewhere meanwhile."""
        self.git("checkout", "-b", "mine")
        self.change("other.py")
        self.git("commit", "-am", "mine")
        self.git("checkout", "main")
        self.change("shop/stock.py")
        self.git("commit", "-am", "theirs")
        self.git("checkout", "mine")
        found = ["other.py:2:5: GAS202 file.open blocks the event loop in view"]
        assert (1, found, "") == check("--changed=main")

    @pytest.mark.usefixtures("repository")
    def test_with_paths(self, check: Check) -> None:
        """Paths say whose findings are reported; a word that is no commit is a path, as for git."""
        self.change("shop/stock.py")
        self.change("other.py")
        assert 1 == len(check("--changed", "HEAD", "other.py")[1]) == len(check("--changed", "other.py")[1])
        assert 3 == len(check("shop", "--changed")[1])

    @pytest.mark.usefixtures("repository")
    def test_below_the_repository(self, check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
        """The project may be a folder of the repository."""
        Path("shop/pyproject.toml").touch()
        self.change("shop/stock.py")
        self.change("other.py")
        monkeypatch.chdir("shop")
        assert [each.removeprefix("shop/") for each in (VIEW, CART, SHELF)] == check("--changed")[1]

    def test_before_the_first_commit(self, check: Check) -> None:
        """In a repository without commits everything is new."""
        self.git("init")
        self.git("add", "shop/stock.py")
        assert (1, [VIEW, CART, SHELF], "") == check("--changed")

    @pytest.mark.usefixtures("repository")
    def test_not_a_whole_check(self, check: Check) -> None:
        """What a part of the findings cannot show, unused suppressions and baseline entries, is not reported."""
        Path("known.txt").write_text("time.sleep at shop.stock.gone  # by check\n", encoding="utf-8")
        self.change("shop/stock.py")
        code, found, _ = check("--changed", "--baseline", "known.txt")
        assert (1, 3) == (code, len(found))

    @pytest.mark.usefixtures("repository")
    @pytest.mark.parametrize("reference", ["nowhere", "--output=x"])
    def test_no_such_commit(self, check: Check, reference: str) -> None:
        """What names no commit is an error."""
        code, _, error = check(f"--changed={reference}")
        assert (2, True) == (code, f"--changed: there is no commit {reference!r} in " in error)
        assert not Path("x").exists()

    def test_no_repository(self, check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
        """Outside of a repository, and without git, the error says so."""
        monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(Path.cwd().parent))
        code, _, error = check("--changed")
        assert (2, True) == (code, "--changed: git says: fatal: not a git repository" in error)
        monkeypatch.setenv("PATH", str(Path.cwd()))
        code, _, error = check("--changed")
        assert (2, True) == (code, "--changed: git is not installed; install it, or run without --changed" in error)


class TestWatch:
    """``--watch``."""

    @pytest.mark.parametrize("has_watchfiles", [True, False], ids=["watchfiles", "polling"])
    def test_changes(self, has_watchfiles: bool) -> None:
        """It checks at once, and again after each change, also after one of the settings or one that is an error."""
        if has_watchfiles:
            pytest.importorskip("watchfiles")
        write_shop()
        program = "import sys; from ginger_async_safe.cli import main; "
        program += "main()" if has_watchfiles else "sys.modules['watchfiles'] = None; main()"
        command = [sys.executable, "-c", program, "check", "--watch", "--format", "concise", "shop/views.py"]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "PYTHONUNBUFFERED": "1"}
        with subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8"
        ) as process:
            assert process.stdout is not None
            output = iter(process.stdout.readline, "")

            def until_it_waits() -> list[str]:
                found: list[str] = []
                for line in output:
                    if line == "ginger-async-safe: watching for changes; Ctrl+C ends it\n":
                        return found
                    found.append(line.partition("; fix: ")[0])
                pytest.fail(f"it has ended: {found}")

            try:
                assert [VIEW, CART, SHELF] == until_it_waits()
                Path("shop/stock.py").write_text("def wait(): ...\n\n\ndef recount(): ...\n", encoding="utf-8")
                assert [] == until_it_waits()
                Path("pyproject.toml").write_text(
                    "[tool.ginger_async_safe.check]\nselect = ['time.slep']\n", encoding="utf-8"
                )
                assert "'time.slep' matches no rule" in " ".join(until_it_waits())
                write_shop()
                while [VIEW, CART, SHELF] != until_it_waits():  # between two of its files
                    pass
                Path("shop/stock.py").unlink()
                assert [] == until_it_waits()
                process.send_signal(signal.SIGINT)
                assert [] == [*output]
            finally:
                process.kill()
        assert -signal.SIGINT == process.returncode

    @pytest.mark.parametrize("option", ["--add-suppressions", "--update-baseline"])
    def test_only_reports(self, check: Check, option: str) -> None:
        """It does not write into the project."""
        code, _, error = check("--watch", option)
        assert (2, True) == (code, "--watch only reports" in error)
