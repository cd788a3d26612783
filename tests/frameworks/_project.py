"""A project of one framework on one database, guarded by one line in INSTALLED_APPS: importing this sets it up.

FRAMEWORK and DATABASE in the environment select them.
"""

from __future__ import annotations

import asyncio
import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest
from _services import framework_database
from asgiref.sync import sync_to_async

if TYPE_CHECKING:
    from collections.abc import Iterator

FRAMEWORK = os.environ["FRAMEWORK"]
DATABASE = os.environ["DATABASE"]


def framework(name: str) -> Any:
    """Import a module of the framework."""
    return import_module(f"{FRAMEWORK}.{name}" if name else FRAMEWORK)


def configure() -> None:
    """Configure the framework, and set it up."""
    optional = ["contrib.contenttypes", "contrib.auth", "contrib.admin", "contrib.messages"] if has_admin() else []
    framework("conf").settings.configure(
        SECRET_KEY="x",
        DEBUG=False,
        ALLOWED_HOSTS=["*"],
        USE_TZ=True,
        ROOT_URLCONF="shelf.urls",
        DEFAULT_AUTO_FIELD=f"{FRAMEWORK}.db.models.BigAutoField",
        INSTALLED_APPS=[
            f"ginger_async_safe.contrib.{FRAMEWORK}",
            *(f"{FRAMEWORK}.{name}" for name in [*optional, "contrib.sessions"]),
            "shelf",
        ],
        MIDDLEWARE=[f"{FRAMEWORK}.contrib.sessions.middleware.SessionMiddleware"],
        TEMPLATES=[{"BACKEND": template_backend(), "APP_DIRS": True, "OPTIONS": {"context_processors": processors()}}],
        STATIC_URL="static/",
        DATABASES={"default": {**framework_database(FRAMEWORK, DATABASE), "CONN_MAX_AGE": 60}},
        SILENCED_SYSTEM_CHECKS=["admin.E408", "admin.E409", "admin.W411"],
    )
    framework("").setup()


def has_admin() -> bool:
    """Return whether the framework's release has all that its admin needs."""
    return FRAMEWORK == "django"


def template_backend() -> str:
    """Return the path of the framework's own template engine."""
    backends = framework("template.backends.utils").__name__.rpartition(".")[0]
    name = {"django": "DjangoTemplates", "gingerdj": "GingerTemplates"}[FRAMEWORK]
    return f"{backends}.{FRAMEWORK}.{name}"


def processors() -> list[str]:
    """Return the context processors that the admin needs."""
    names = ["template.context_processors.request", "contrib.auth.context_processors.auth"]
    return (
        [f"{FRAMEWORK}.{name}" for name in [*names, "contrib.messages.context_processors.messages"]]
        if has_admin()
        else []
    )


configure()


@pytest.fixture(scope="session")
def database() -> Iterator[None]:
    """Create a database with an author and two books in it, and remove it at the end."""
    connections = framework("db").connections
    creation = framework("db").connection.creation
    old = framework("conf").settings.DATABASES["default"]["NAME"]
    creation.create_test_db(verbosity=0, autoclobber=True)
    models = import_module("shelf.models")
    author = models.Author.objects.create(name="Ursula K. Le Guin")
    models.Profile.objects.create(author=author, text="wrote")
    for title in ("The Dispossessed", "The Left Hand of Darkness"):
        models.Book.objects.create(title=title, author=author)
    yield
    asyncio.run(sync_to_async(connections.close_all)())  # in the thread of the tests' awaited queries
    connections.close_all()
    creation.destroy_test_db(old, verbosity=0)
