"""Event loops parked in greenlets, as in Playwright's sync API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import greenlet

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Coroutine
    from types import TracebackType

    from typing_extensions import Self

__all__ = ["LoopInChild", "in_greenlet"]

_T = TypeVar("_T")


class LoopInChild:
    """A loop that runs in a child greenlet, while the user's code runs in the parent.

    Playwright's ``SyncBase._sync`` switches to the loop's greenlet until a task is done, and the task's done-callback
    switches back: the loop stays parked in that callback.

    Args:
        loop: The loop; closed at the end.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self._user = greenlet.getcurrent()
        self._fiber = greenlet.greenlet(loop.run_forever)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.loop.call_soon(self.loop.stop)
        while not self._fiber.dead:
            self.resume()
        self.loop.close()

    def park(self) -> None:
        """Leave the loop where it is, and continue the user's code. Called on the loop."""
        self._user.switch()

    def resume(self) -> None:
        """Continue the loop until it is parked again. Called by the user's code."""
        self._fiber.switch()

    def sync(self, coroutine: Coroutine[Any, Any, _T]) -> _T:
        """Run a coroutine to its end, as Playwright does; afterwards the loop is parked in a done-callback."""
        task = self.loop.create_task(coroutine)
        task.add_done_callback(lambda _: self.park())
        while not task.done():
            self.resume()
        return task.result()


def in_greenlet(function: Callable[[], _T]) -> _T:
    """Run a function to its end in a new greenlet below this one."""
    result: _T = greenlet.greenlet(function).switch()
    return result
