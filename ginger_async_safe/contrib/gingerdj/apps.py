"""The app configuration that puts the guard in force when GingerDJ starts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ginger_async_safe.contrib._checks import register
from ginger_async_safe.contrib.gingerdj import FRAMEWORK, takeover

if TYPE_CHECKING:

    class AppConfig: ...  # GingerDJ has no types

else:
    from gingerdj.apps import AppConfig

__all__ = ["GingerDJConfig"]


class GingerDJConfig(AppConfig):
    """Makes this library guard the calls that GingerDJ marks."""

    name: str = "ginger_async_safe.contrib.gingerdj"
    label: str = "ginger_async_safe"
    verbose_name: str = "Async safety"

    def ready(self) -> None:
        """Replace the framework's guard, and register the system checks."""
        takeover.install()
        register(FRAMEWORK)
