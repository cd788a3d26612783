"""GingerDJ guarded by this library: put ``"ginger_async_safe.contrib.gingerdj"`` first into ``INSTALLED_APPS``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ginger_async_safe import exceptions as ours
from ginger_async_safe.contrib._framework import Framework
from ginger_async_safe.contrib._takeover import Takeover

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    class _TheirError(Exception): ...  # GingerDJ has no types

else:
    from gingerdj.core.exceptions import SynchronousOnlyOperation as _TheirError

__all__ = ["SynchronousOnlyOperation", "async_unsafe"]


class SynchronousOnlyOperation(ours.SynchronousOnlyOperation, _TheirError):  # noqa: N818 - the name that users know
    """A call that GingerDJ marks was made in an async context: caught as this library's error, and as GingerDJ's own."""


FRAMEWORK: Framework = Framework(
    package="gingerdj",
    title="GingerDJ",
    hatch="GINGER_ALLOW_ASYNC_UNSAFE",
    door="ginger_async_safe.contrib.gingerdj",
    error=SynchronousOnlyOperation,
)
takeover: Takeover = Takeover(FRAMEWORK)
async_unsafe: Callable[[Any], Any] = takeover.async_unsafe
