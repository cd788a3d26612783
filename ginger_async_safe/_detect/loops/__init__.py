"""The supported event loop libraries, one file each; the files do not import one another.

Each file implements :class:`~ginger_async_safe._detect.loops.protocol.LoopLibrary` for one library. Everything that the
rest of the package knows about a library comes from there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ginger_async_safe._detect.loops.asyncio_loops import AsyncioLoops
from ginger_async_safe._detect.loops.trio_runs import TrioRuns

if TYPE_CHECKING:
    from ginger_async_safe._detect.loops.protocol import LoopLibrary

__all__ = ["libraries"]

libraries: tuple[LoopLibrary, ...] = (AsyncioLoops(), TrioRuns())
"""The libraries, in the order in which they are asked."""
