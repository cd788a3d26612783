"""The applications that the tests serve."""

from __future__ import annotations

import os
from importlib import import_module

from mixed._names import FRAMEWORK, framework

os.environ[{"gingerdj": "GINGER_SETTINGS_MODULE", "django": "DJANGO_SETTINGS_MODULE"}[FRAMEWORK]] = "mixed.settings"

door = import_module(f"ginger_async_safe.contrib.{FRAMEWORK}")
application = door.get_asgi_application(
    threads=int(os.environ.get("THREADS", "6")), keep_thread="KEEP_THREAD" in os.environ
)
own = framework("core.asgi").get_asgi_application()
with_static_files = framework("contrib.staticfiles.handlers").ASGIStaticFilesHandler(application)
