"""GingerDJ and Django with this library's line in their settings; the tests of the ORM are in frameworks/."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from _servers import SERVERS, serving
from _services import framework_database

from ginger_async_safe.cli import main
from ginger_async_safe.cli.startproject import FRAMEWORKS

if TYPE_CHECKING:
    from collections.abc import Sequence

ORM = Path(__file__).parent / "frameworks" / "guarded_orm.py"

frameworks = pytest.mark.parametrize("framework", sorted(FRAMEWORKS))


def run(command: Sequence[str | Path], directory: Path, **variables: str) -> str:
    """Run a command that must succeed, and return what it prints."""
    done = subprocess.run(
        command, cwd=directory, env={**os.environ, **variables}, capture_output=True, text=True, check=False
    )
    assert 0 == done.returncode, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def project(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Create a project of the framework that the test is for, and its database."""
    framework = request.node.callspec.params["framework"]
    assert 0 == main(["startproject", "--framework", framework, "corner_shop", str(tmp_path)])
    target = tmp_path / "corner_shop"
    run([sys.executable, "manage.py", "migrate"], target)
    return target


@frameworks
@pytest.mark.parametrize("database", ["sqlite3", "postgresql", "mysql"])
def test_orm(framework: str, database: str) -> None:
    """All of frameworks/guarded_orm.py passes, with this framework on this database."""
    framework_database(framework, database)  # skips, or fails, if the database is not available
    command = [sys.executable, "-m", "pytest", "-q", "-p", "pytest_asyncio.plugin", "-p", "no:cacheprovider", str(ORM)]
    variables = {"FRAMEWORK": framework, "DATABASE": database, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    printed = run(command, ORM.parent.parent.parent, **variables)
    assert " passed" in printed


@frameworks
def test_project_is_sound(framework: str, project: Path) -> None:
    """A new project has no pending migrations, passes its system checks, and mentions no other framework."""
    assert "No changes detected" in run([sys.executable, "manage.py", "makemigrations", "--check"], project)
    assert "no issues" in run([sys.executable, "manage.py", "check"], project)
    (other,) = set(FRAMEWORKS) - {framework}
    for path in project.rglob("*"):
        if path.suffix in {".py", ".md"}:
            text = path.read_text(encoding="utf-8")
            assert (False, False) == (other in text, "$" in text), path


@frameworks
@pytest.mark.parametrize("server", SERVERS)
def test_project_is_served(framework: str, server: str, project: Path) -> None:
    """Every server serves its sync view in a leased thread, and its async view."""
    with serving(server, "corner_shop.asgi:application", project) as running:
        listed, counted = running.fetch("/"), running.fetch("/count/")
    books = json.loads(listed.body)
    assert (200, 3, True) == (listed.status, len(books["books"]), books["thread"].startswith("leased thread"))
    assert (200, {"count": 3}) == (counted.status, json.loads(counted.body))


@frameworks
def test_project_is_guarded(framework: str, project: Path) -> None:
    """The query that its README suggests is stopped, with the line and the fix."""
    views = project / "corner_shop" / "books" / "views.py"
    text = views.read_text(encoding="utf-8")
    views.write_text(text.replace("await Book.objects.acount()", "Book.objects.count()"), encoding="utf-8")
    with serving("uvicorn", "corner_shop.asgi:application", project) as running:
        page = running.fetch("/count/")
    report = page.body.decode()
    assert 500 == page.status
    line = 1 + text.splitlines().index(next(each for each in text.splitlines() if "acount()" in each))
    assert f"corner_shop/books/views.py:{line} in async book_count" in report
    assert "await Book.objects.acount()" in report


@frameworks
def test_explain_in_a_project(framework: str, project: Path) -> None:
    """The command lists the calls that the framework marks, including those of the database's own backend."""
    explain = [sys.executable, "-m", "ginger_async_safe", "explain"]
    variable = FRAMEWORKS[framework].variable
    printed = run(explain, project, **{variable: "corner_shop.settings"})
    assert f"{framework}.db.backends.base.base.BaseDatabaseWrapper.cursor   guarded by" in printed
    assert f"{framework}.db.backends.sqlite3.base.DatabaseWrapper.get_new_connection   guarded by" in printed
    settings = project / "corner_shop" / "settings.py"
    line = f'    "ginger_async_safe.contrib.{framework}",'
    settings.write_text(settings.read_text(encoding="utf-8").replace(line, "    #"), encoding="utf-8")
    assert "guarded by" not in run(explain, project, **{variable: "corner_shop.settings"})
    lost = subprocess.run(
        explain,
        cwd=project,
        env={**os.environ, variable: "nowhere.settings"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (1, True) == (lost.returncode, "policy" in lost.stdout)
    assert f"{variable} names 'nowhere.settings', which cannot be set up (ModuleNotFoundError" in lost.stderr


def test_example_on_postgresql(tmp_path: Path) -> None:
    """The example project's own tests pass on PostgreSQL too; its documentation runs them on sqlite."""
    database = framework_database("gingerdj", "postgresql")
    shutil.copytree(ORM.parent.parent.parent / "examples" / "bookshelf", tmp_path / "bookshelf")
    variables = {"PGHOST": database["HOST"], "PGPORT": database["PORT"], "PGUSER": database["USER"]}
    variables |= {"DATABASE": "postgresql", "PGDATABASE": database["NAME"], "CONN_MAX_AGE": "0"}
    run([sys.executable, "manage.py", "test", "--noinput"], tmp_path / "bookshelf", **variables)


def test_unknown_framework(capsys: pytest.CaptureFixture[str]) -> None:
    """A framework without templates is refused, with the names of those that have some."""
    with pytest.raises(SystemExit) as stopped:
        main(["startproject", "--framework", "flask", "corner_shop"])
    assert 2 == stopped.value.code
    refusal = capsys.readouterr().err
    assert all(name in refusal for name in ["flask", *FRAMEWORKS])
