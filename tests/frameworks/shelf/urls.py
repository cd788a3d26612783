"""The paths of the views."""

import os
from importlib import import_module
from typing import Any

from shelf import views

urls: Any = import_module(f"{os.environ['FRAMEWORK']}.urls")

urlpatterns = [
    urls.path("sync/<name>", views.sync_view),
    urls.path("async/<name>", views.async_view),
    urls.path("awaiting", views.awaiting_view),
]
if os.environ["FRAMEWORK"] == "django":
    from django.contrib import admin

    urlpatterns.append(urls.path("admin/", admin.site.urls))
