"""The app configuration that puts the guard in force when Django starts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ginger_async_safe.contrib._checks import register
from ginger_async_safe.contrib.django import FRAMEWORK, takeover

if TYPE_CHECKING:

    class AppConfig: ...  # Django has no types

else:
    from django.apps import AppConfig

__all__ = ["DjangoConfig"]


class DjangoConfig(AppConfig):
    """Makes this library guard the calls that Django marks."""

    name: str = "ginger_async_safe.contrib.django"
    label: str = "ginger_async_safe"
    verbose_name: str = "Async safety"

    def ready(self) -> None:
        """Replace the framework's guard, and register the system checks."""
        takeover.install()
        register(FRAMEWORK)
