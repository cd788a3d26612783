"""asyncio, and every loop that speaks its protocol: uvloop, nest_asyncio, loops over Qt."""

from __future__ import annotations

import asyncio
from asyncio import _get_running_loop
from types import CoroutineType, FunctionType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import FrameType

__all__ = ["AsyncioLoops"]

_TURNING = frozenset({"asyncio.base_events", "asyncio.events", "asyncio.runners", "nest_asyncio", "uvloop"})


class AsyncioLoops:
    """How asyncio answers :class:`~ginger_async_safe._loops.protocol.LoopLibrary`.

    asyncio itself answers ``None`` in a forked child: it compares process ids up to Python 3.11,
    and resets the running loop after a fork from 3.12.
    """

    name = "asyncio"

    running_loop = staticmethod(_get_running_loop)

    def current_task(self, loop: asyncio.AbstractEventLoop) -> asyncio.Task[object] | None:
        return asyncio.current_task(loop)

    def task_name(self, task: asyncio.Task[object]) -> str:
        return task.get_name()

    def task_frame(self, task: asyncio.Task[object]) -> FrameType | None:
        coroutine = task.get_coro()
        # Coroutines compiled by Cython also have a cr_frame, but one that is never on the stack.
        return coroutine.cr_frame if isinstance(coroutine, CoroutineType) else None

    def turns_loop(self, frame: FrameType) -> bool:
        return frame.f_globals.get("__name__") in _TURNING

    def shows_frames(self, loop: asyncio.AbstractEventLoop) -> bool:
        return isinstance(type(loop).run_forever, FunctionType)

    def implementation(self, loop: asyncio.AbstractEventLoop) -> str | None:
        package = type(loop).__module__.partition(".")[0]
        return None if package == "asyncio" else package
