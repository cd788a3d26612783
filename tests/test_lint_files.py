"""Which files are read, what else has such a name, and how a file is decoded."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING

import pytest

from ginger_async_safe.lint.source.files import LeftOut, decoded, files_below, is_matched

if TYPE_CHECKING:
    from pathlib import Path


def names(paths: list[Path], root: Path) -> list[str]:
    """Return paths relative to a folder."""
    return [path.relative_to(root).as_posix() for path in paths]


@pytest.fixture
def odd(tmp_path: Path) -> Path:
    """A folder with one source file, and everything else that can have the name of one."""
    if not hasattr(os, "mkfifo"):
        pytest.skip("this system has no FIFOs")
    (tmp_path / "a.py").write_text("x = 1")
    (tmp_path / "a.pyi").write_text("x: int")
    os.mkfifo(tmp_path / "fifo.py")
    (tmp_path / "device.py").symlink_to("/dev/zero")
    (tmp_path / "itself.py").symlink_to("itself.py")
    (tmp_path / "nothing.py").symlink_to("nowhere")
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "folder.py").mkdir()
    (tmp_path / "folder.py" / "b.py").write_text("x = 1")
    (tmp_path / "linked").symlink_to("folder.py")
    return tmp_path


def test_what_is_no_source(odd: Path) -> None:
    """In a folder, what is no source is left out, with the reason."""
    found = files_below([odd], root=odd)
    assert ["a.py", "folder.py/b.py"] == names(found.sources, odd)
    assert [] == found.failed
    assert {
        "a.pyi": "a stub, which has nothing to run",
        "device.py": "a device",
        "fifo.py": "a FIFO",
        "itself.py": "a symbolic link that leads to itself",
        "linked": "a symbolic link to a folder; name it to have it read",
        "loop": "a symbolic link to a folder above it",
        "nothing.py": "a symbolic link to nothing",
    } == {each.path.relative_to(odd).as_posix(): each.why for each in found.left_out}


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("fifo.py", "a FIFO"),
        ("device.py", "a device"),
        ("itself.py", "a symbolic link that leads to itself"),
        ("nothing.py", "a symbolic link to nothing"),
    ],
)
def test_named(odd: Path, name: str, why: str) -> None:
    """What a path names and is no file has failed: nobody must take it for one without findings."""
    found = files_below([odd / name], root=odd)
    assert ([], []) == (found.sources, found.left_out)
    assert [LeftOut(odd / name, f"it is {why}; name a file or folder, or - for standard input")] == found.failed


def test_named_stub(odd: Path) -> None:
    """A stub has nothing to run, so that nothing in it is missed."""
    found = files_below([odd / "a.pyi"], root=odd)
    assert ([], [], ["a.pyi"]) == (found.sources, found.failed, names([each.path for each in found.left_out], odd))


def test_named_link(odd: Path) -> None:
    """A link to a folder is followed where a path names it."""
    assert ["linked/b.py"] == names(files_below([odd / "linked"], root=odd).sources, odd)


@pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="this system has no such sockets")
def test_socket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A socket is left out."""
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket.py")
        assert ["a socket"] == [each.why for each in files_below([tmp_path], root=tmp_path).left_out]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="this user may read everything")
def test_forbidden_folder(tmp_path: Path) -> None:
    """A folder that cannot be listed has failed."""
    (tmp_path / "closed").mkdir(mode=0)
    assert [LeftOut(tmp_path / "closed", "Permission denied")] == files_below([tmp_path], root=tmp_path).failed


def test_vanished_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that cannot be listed, here since it is gone, has failed."""
    (tmp_path / "gone").mkdir()
    scandir = os.scandir

    def without(path: str) -> object:
        if str(path).endswith("gone"):
            raise FileNotFoundError(2, "No such file or directory", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", without)
    failed = files_below([tmp_path], root=tmp_path).failed
    assert [LeftOut(tmp_path / "gone", "No such file or directory")] == failed


def test_once(tmp_path: Path) -> None:
    """A file is read once, whatever names it."""
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "a.py").touch()
    paths = [tmp_path / "shop" / "a.py", tmp_path / "shop", tmp_path]
    assert ["shop/a.py"] == names(files_below(paths, root=tmp_path).sources, tmp_path)


@pytest.mark.parametrize(
    ("pattern", "matched"),
    [
        ("shop", True),
        ("shop/", True),
        ("./shop", True),
        ("old", True),
        ("old.py", False),
        ("a.py", True),
        ("*.py", True),
        ("shop/*", True),
        ("shop/old", True),
        ("old/*", False),
        ("**/old/*", True),
        ("**/shop/*", True),
        ("*/a.py", True),
        ("*/old/a.p[xy]", True),
        ("shop/a.py", False),
        ("sho", False),
    ],
)
def test_patterns(tmp_path: Path, pattern: str, matched: bool) -> None:
    """A glob matches a file, and all that is below a folder; without a slash it matches names anywhere."""
    assert matched is is_matched(tmp_path / "shop" / "old" / "a.py", pattern, tmp_path)


@pytest.mark.parametrize("encoding", ["rot13", "hex", "bz2", "base64", "no-such-encoding"])
def test_no_encoding_of_text(encoding: str) -> None:
    """What is no encoding, or none of text, is a syntax error, as it is for Python."""
    with pytest.raises(SyntaxError, match=encoding):
        decoded(f"# coding: {encoding}\nx = 1\n".encode())


def test_warning_of_a_codec() -> None:
    """A codec that warns about the contents is no error."""
    assert "# coding: unicode_escape\nx = '\\d'\n" == decoded(b"# coding: unicode_escape\nx = '\\d'\n")
