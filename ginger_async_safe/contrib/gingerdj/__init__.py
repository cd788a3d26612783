"""Guard GingerDJ with this library: put ``"ginger_async_safe.contrib.gingerdj"`` first in ``INSTALLED_APPS``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ginger_async_safe import exceptions as ours
from ginger_async_safe.asgi.exchange import CLIENT_TIMEOUT
from ginger_async_safe.asgi.shutdown import SHUTDOWN_TIMEOUT
from ginger_async_safe.asgi.threads import MAX_WAITING
from ginger_async_safe.contrib._application import FrameworkApplication
from ginger_async_safe.contrib._framework import Framework
from ginger_async_safe.contrib._takeover import Takeover

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    class _TheirError(Exception): ...  # GingerDJ has no types

else:
    from gingerdj.core.exceptions import SynchronousOnlyOperation as _TheirError

__all__ = ["SynchronousOnlyOperation", "async_unsafe", "get_asgi_application"]


class SynchronousOnlyOperation(ours.SynchronousOnlyOperation, _TheirError):  # noqa: N818 - the name that users know
    """A call that GingerDJ marks was made in an async context; derived from this library's error and GingerDJ's."""


FRAMEWORK: Framework = Framework(
    package="gingerdj",
    title="GingerDJ",
    hatch="GINGER_ALLOW_ASYNC_UNSAFE",
    door="ginger_async_safe.contrib.gingerdj",
    error=SynchronousOnlyOperation,
)
takeover: Takeover = Takeover(FRAMEWORK)
async_unsafe: Callable[[Any], Any] = takeover.async_unsafe


def get_asgi_application(  # noqa: PLR0913 - each is a setting, and is given by name
    *,
    threads: int | None = None,
    queue_timeout: float | None = None,
    client_timeout: float | None = CLIENT_TIMEOUT,
    max_waiting: int = MAX_WAITING,
    shutdown_timeout: float | None = SHUTDOWN_TIMEOUT,
    keep_thread: bool = False,
) -> FrameworkApplication:
    """Return the project's ASGI application: sync views in threads, async views on the event loop.

    It replaces GingerDJ's own ``get_asgi_application()``, and sets up GingerDJ in the same way.

    Args:
        threads: The maximum number of threads for sync views and for what async views call with ``sync_to_async``
            together, as for :class:`~ginger_async_safe.asgi.ASGIHandler`.
        queue_timeout: As for :class:`~ginger_async_safe.asgi.ASGIHandler`, in seconds.
        client_timeout: As for :class:`~ginger_async_safe.asgi.ASGIHandler`, in seconds; for sync views.
        max_waiting: As for :class:`~ginger_async_safe.asgi.ASGIHandler`; for sync views.
        shutdown_timeout: As for :class:`~ginger_async_safe.asgi.ASGIHandler`, in seconds.
        keep_thread: As for :class:`~ginger_async_safe.asgi.LeasedThreads`; for async views.

    Raises:
        ConfigurationError: Where an argument or the setting ``GINGER_ASYNC_SAFE_HANDLERS`` is invalid.
    """
    return FrameworkApplication(
        FRAMEWORK,
        threads=threads,
        queue_timeout=queue_timeout,
        client_timeout=client_timeout,
        max_waiting=max_waiting,
        shutdown_timeout=shutdown_timeout,
        keep_thread=keep_thread,
    )
