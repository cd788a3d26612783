"""The application that Django starts: with it, the guard is in force."""

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
    """Has this library guard what Django marks."""

    name: str = "ginger_async_safe.contrib.django"
    label: str = "ginger_async_safe"
    verbose_name: str = "Async safety"

    def ready(self) -> None:
        """Take over, and register the system checks."""
        takeover.install()
        register(FRAMEWORK)
