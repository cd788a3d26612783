"""The hook for pre-commit: its manifest is valid, and its command works."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

MANIFEST = Path(__file__).parent.parent / ".pre-commit-hooks.yaml"

pytest.importorskip("pre_commit")
yaml = pytest.importorskip("yaml")


def pre_commit(*words: str) -> str:
    """Run pre-commit; return what it prints."""
    command = [sys.executable, "-m", "pre_commit", *words]
    return subprocess.run(
        command, check=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", timeout=60
    ).stdout


def test_manifest() -> None:
    """pre-commit accepts the manifest."""
    pre_commit("validate-manifest", str(MANIFEST))


def test_hook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The hook runs the installed command, for any change of a Python file, without file names."""
    monkeypatch.setenv("PRE_COMMIT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent), prepend=":")
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    (hook,) = yaml.safe_load(MANIFEST.read_text(encoding="utf-8"))
    # What it needs is installed here; pre-commit itself would have to download it.
    here = {**hook, "language": "system", "args": ["--explain", "time.sleep"], "verbose": True}
    config = {"repos": [{"repo": "local", "hooks": [here]}]}
    repository = tmp_path / "repository"
    repository.mkdir()
    monkeypatch.chdir(repository)
    (repository / ".pre-commit-config.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    (repository / "shop.py").write_text("x = 1\n", encoding="utf-8")
    subprocess.run(["git", "init", "--quiet"], check=True)
    subprocess.run(["git", "add", "."], check=True)
    assert "time.sleep\n  category  time\n" in pre_commit("run", "--all-files")
