"""The application that GingerDJ starts: with it, the guard is in force."""

from __future__ import annotations

from gingerdj.apps import AppConfig

from ginger_async_safe.contrib._checks import register
from ginger_async_safe.contrib.gingerdj import FRAMEWORK, takeover

__all__ = ["GingerDJConfig"]


class GingerDJConfig(AppConfig):  # type: ignore[misc]  # GingerDJ has no types
    """Has this library guard what GingerDJ marks."""

    name = "ginger_async_safe.contrib.gingerdj"
    label = "ginger_async_safe"
    verbose_name = "Async safety"

    def ready(self) -> None:
        """Take over, and register the system checks."""
        takeover.install()
        register(FRAMEWORK)
