"""The application that Django starts: with it, the guard is in force."""

from __future__ import annotations

from django.apps import AppConfig

from ginger_async_safe.contrib._checks import register
from ginger_async_safe.contrib.django import FRAMEWORK, takeover

__all__ = ["DjangoConfig"]


class DjangoConfig(AppConfig):  # type: ignore[misc]  # Django has no types
    """Has this library guard what Django marks."""

    name = "ginger_async_safe.contrib.django"
    label = "ginger_async_safe"
    verbose_name = "Async safety"

    def ready(self) -> None:
        """Take over, and register the system checks."""
        takeover.install()
        register(FRAMEWORK)
