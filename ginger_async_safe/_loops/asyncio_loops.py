"""asyncio, and every loop that speaks its protocol: uvloop, nest_asyncio, loops over Qt."""

from __future__ import annotations

import asyncio
from asyncio import _get_running_loop
from types import CoroutineType, FunctionType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from ginger_async_safe._loops.protocol import AsyncGeneratorHooks

__all__ = ["AsyncioLoops"]

_TURNING = frozenset({"asyncio.base_events", "asyncio.events", "asyncio.runners", "nest_asyncio", "uvloop"})
_POLLING = frozenset({("selectors", "select"), ("asyncio.windows_events", "_poll")})


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

    def owner(self, hooks: AsyncGeneratorHooks) -> asyncio.AbstractEventLoop | None:
        # A loop that nest_asyncio has patched may set none.
        loop = _get_running_loop() if hooks.firstiter is None else getattr(hooks.firstiter, "__self__", None)
        return loop if isinstance(loop, asyncio.AbstractEventLoop) else None

    def call_soon(self, loop: asyncio.AbstractEventLoop, callback: Callable[[], None]) -> None:
        loop.call_soon_threadsafe(callback)

    task_seen = current_task

    def waits(self, frame: FrameType) -> bool:
        if (frame.f_globals.get("__name__"), frame.f_code.co_name) not in _POLLING:
            return False
        return frame.f_back is not None and self.turns_loop(frame.f_back)
