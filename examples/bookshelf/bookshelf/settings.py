"""Settings of bookshelf: GINGER_SETTINGS_MODULE names this module."""

import os
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent

SECRET_KEY = "not a secret in an example"
DEBUG = True  # set this to False in production, and list the host names below
ALLOWED_HOSTS = []

INSTALLED_APPS = [
    "ginger_async_safe.contrib.gingerdj",  # first in the list: it guards the ORM against blocking an event loop
    "bookshelf.books",
]

MIDDLEWARE = [
    "gingerdj.middleware.security.SecurityMiddleware",
    "gingerdj.middleware.common.CommonMiddleware",
    "gingerdj.middleware.csrf.CsrfViewMiddleware",
    "gingerdj.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "bookshelf.urls"
ASGI_APPLICATION = "bookshelf.asgi.application"
WSGI_APPLICATION = "bookshelf.wsgi.application"

if os.environ.get("DATABASE") == "postgresql":
    DATABASE = {
        "ENGINE": "gingerdj.db.backends.postgresql",
        "HOST": os.environ.get("PGHOST", "127.0.0.1"),
        "PORT": os.environ.get("PGPORT", "5432"),
        "USER": os.environ.get("PGUSER", "postgres"),
        "PASSWORD": os.environ.get("PGPASSWORD", ""),
        "NAME": os.environ.get("PGDATABASE", "postgres"),
    }
else:
    DATABASE = {"ENGINE": "gingerdj.db.backends.sqlite3", "NAME": BASE_DIR / "db.sqlite3"}

# The threads are long-lived, and each keeps its connection for this many seconds. A test run on PostgreSQL needs 0: it
# cannot drop its database at the end while a thread has a connection to it.
DATABASES = {"default": {**DATABASE, "CONN_MAX_AGE": int(os.environ.get("CONN_MAX_AGE", "60"))}}
DEFAULT_AUTO_FIELD = "gingerdj.db.models.BigAutoField"

USE_TZ = True
