"""The fixtures: a test database, a live server and a page, with the names of pytest-django and pytest-playwright."""

import importlib.util
import os
import shutil
import socket
import threading
from pathlib import Path

import gingerdj
import pytest
import uvicorn

os.environ.setdefault("GINGER_SETTINGS_MODULE", "bookshelf.settings")
gingerdj.setup()

from gingerdj.core.management import call_command
from gingerdj.db import connection
from gingerdj.test.utils import (
    override_settings,
    setup_databases,
    setup_test_environment,
    teardown_databases,
    teardown_test_environment,
)

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = [
    "--no-sandbox",  # without it, Chromium refuses to run as root
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_addoption(parser):
    parser.addoption(
        "--pages-by",
        choices=["chromium", "stand-in"],
        help="what opens the pages (default: Chromium, or the stand-in if Chromium is not installed)",
    )


@pytest.fixture(scope="session")
def migrated_database(tmp_path_factory):
    """A database for the tests, created and migrated by GingerDJ's own tools."""
    setup_test_environment(debug=False)
    if connection.vendor == "sqlite":  # in a file: the live server's threads have connections of their own
        connection.settings_dict["TEST"]["NAME"] = tmp_path_factory.mktemp("database") / "test.sqlite3"
    databases = setup_databases(verbosity=0, interactive=False)
    yield
    teardown_databases(databases, verbosity=0)
    teardown_test_environment()


@pytest.fixture(autouse=True)
def database(migrated_database):
    """Empty the tables before each test: tests commit what they save, so that it is visible to the live server."""
    call_command("flush", verbosity=0, interactive=False)


@pytest.fixture(scope="session")
def live_server(migrated_database):
    """The URL of the project, which Uvicorn serves in a thread."""
    from bookshelf.asgi import application

    # The socket listens from the start, so that early connections wait until the server is ready.
    with socket.create_server(("127.0.0.1", 0)) as listening, override_settings(ALLOWED_HOSTS=["127.0.0.1"]):
        server = uvicorn.Server(uvicorn.Config(application, log_level="warning"))
        thread = threading.Thread(target=server.run, args=[[listening]])
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="session")
def browser(pytestconfig):
    """Chromium, driven by Playwright's sync API; or a stand-in for both."""
    wanted = pytestconfig.getoption("--pages-by")
    if wanted != "stand-in" and importlib.util.find_spec("playwright"):
        from playwright.sync_api import sync_playwright

        with sync_playwright() as playwright:
            system = next(filter(None, map(shutil.which, CHROMIUM)), None)
            path = Path(system or playwright.chromium.executable_path)
            if path.exists():
                browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
                yield browser
                browser.close()
                return
    if wanted == "chromium":
        pytest.skip("Playwright or its browser is not installed")

    from stand_in import Browser

    with Browser() as browser:
        yield browser


@pytest.fixture
def page(browser):
    """A new page of the browser."""
    page = browser.new_page()
    yield page
    page.close()
