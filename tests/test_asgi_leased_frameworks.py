"""LeasedThreads with GingerDJ's and Django's own async handlers; the tests are in frameworks/leases.py."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from _services import framework_database

LEASES = Path(__file__).parent / "frameworks" / "leases.py"


@pytest.mark.parametrize("framework", ["gingerdj", "django"])
@pytest.mark.parametrize("database", ["sqlite3", "postgresql"])
def test_leases(framework: str, database: str) -> None:
    """All of frameworks/leases.py passes, with this framework on this database."""
    pytest.importorskip(framework)
    framework_database(framework, database)  # skips, or fails, if the database is not available
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "pytest_asyncio.plugin",
        "-p",
        "no:cacheprovider",
        str(LEASES),
    ]
    variables = {"FRAMEWORK": framework, "DATABASE": database, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    done = subprocess.run(
        command,
        cwd=LEASES.parent.parent.parent,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (0, True) == (done.returncode, " passed" in done.stdout), done.stdout + done.stderr
