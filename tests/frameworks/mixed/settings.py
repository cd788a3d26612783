"""The settings; SETTINGS in the environment adds more, as JSON."""

from __future__ import annotations

import json
import os

from mixed._names import FRAMEWORK

HAS_AUTH = FRAMEWORK == "django"  # GingerDJ's release has none
_AUTH = ["auth", "admin"] if HAS_AUTH else []

SECRET_KEY = "x"
DEBUG = False
ALLOWED_HOSTS = ["*"]
USE_TZ = True
ROOT_URLCONF = "mixed.urls"
DEFAULT_AUTO_FIELD = f"{FRAMEWORK}.db.models.BigAutoField"
INSTALLED_APPS = [
    f"ginger_async_safe.contrib.{FRAMEWORK}",
    *(f"{FRAMEWORK}.contrib.{name}" for name in ["contenttypes" if HAS_AUTH else "humanize", *_AUTH]),
    *(f"{FRAMEWORK}.contrib.{name}" for name in ["sessions", "messages", "staticfiles"]),
    "mixed",
]
MIDDLEWARE = [
    f"{FRAMEWORK}.contrib.sessions.middleware.SessionMiddleware",
    f"{FRAMEWORK}.middleware.locale.LocaleMiddleware",
    f"{FRAMEWORK}.middleware.common.CommonMiddleware",
    f"{FRAMEWORK}.middleware.csrf.CsrfViewMiddleware",
    *([f"{FRAMEWORK}.contrib.auth.middleware.AuthenticationMiddleware"] if HAS_AUTH else []),
    f"{FRAMEWORK}.contrib.messages.middleware.MessageMiddleware",
    "mixed.middleware.both",
    "mixed.middleware.other_urls",
]
TEMPLATES = [
    {
        "BACKEND": f"{FRAMEWORK}.template.backends.{FRAMEWORK}.{'Django' if HAS_AUTH else 'Ginger'}Templates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                f"{FRAMEWORK}.template.context_processors.request",
                f"{FRAMEWORK}.contrib.messages.context_processors.messages",
                *([f"{FRAMEWORK}.contrib.auth.context_processors.auth"] if HAS_AUTH else []),
            ]
        },
    }
]
STATIC_URL = "static/"
LANGUAGES = [("en", "English"), ("de", "Deutsch")]
DATABASES = {
    "default": {"ENGINE": f"{FRAMEWORK}.db.backends.sqlite3", "NAME": os.environ["DATABASE"], "CONN_MAX_AGE": 60}
}
if os.environ.get("ATOMIC_REQUESTS"):
    DATABASES["default"]["ATOMIC_REQUESTS"] = True
LOGGING_CONFIG = None

globals().update(json.loads(os.environ.get("SETTINGS", "{}")))
