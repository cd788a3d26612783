"""What awaits the running task: functions and tasks, outwards."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from ginger_async_safe._violation.notebooks import CELL
from ginger_async_safe._violation.owners import is_first_party, origin
from ginger_async_safe._violation.places import label

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

    from ginger_async_safe.detect import AsyncContext

__all__ = ["frames_that_wait", "waiting"]

_MOST_ENTRIES = 10


def waiting(context: AsyncContext) -> tuple[str, ...]:
    """Return what awaits the running task, from the inside out.

    For each waiting task there are first its suspended functions, the innermost first, and then its name, in quotes. Of
    several tasks that await the same one, the oldest is followed, and the others are counted.

    Args:
        context: The loop and the running task of the current thread.
    """
    entries: list[str] = []
    for task, others in _tasks_that_wait(context):
        functions = _functions(context.library.waiting_frames(task))
        entries += reversed(functions)
        if CELL in functions:  # what awaits a cell are tasks of the notebook's kernel
            break
        entries.append(_task_label(context.library.task_name(task), others))
        if len(entries) > _MOST_ENTRIES:
            break
    return tuple(entries if len(entries) <= _MOST_ENTRIES else (*entries[: _MOST_ENTRIES - 1], "…"))


def frames_that_wait(context: AsyncContext) -> Iterator[FrameType]:
    """Yield the frames in which other tasks await the running one, the innermost first.

    Args:
        context: As :func:`waiting` takes it.
    """
    for task, _ in itertools.islice(_tasks_that_wait(context), _MOST_ENTRIES):
        yield from reversed(context.library.waiting_frames(task))


def _tasks_that_wait(context: AsyncContext) -> Iterator[tuple[Any, int]]:
    """Yield the task that awaits the running one, the task that awaits that, and so on.

    Each comes with the number of other tasks that await the same one.
    """
    task = context.task
    seen: set[int] = set()
    while task is not None:
        seen.add(id(task))  # tasks may await one another in a circle
        tasks = [each for each in context.library.waiting_tasks(context.loop, task) if id(each) not in seen]
        task = tasks[0] if tasks else None
        if task is not None:
            yield task, len(tasks) - 1


def _task_label(name: str, others: int) -> str:
    """Return a task's name in quotes, with the number of other tasks that wait beside it."""
    return repr(name) if not others else f"{name!r} and {others} other{'s' if others > 1 else ''}"


def _functions(frames: list[FrameType]) -> list[str]:
    """Return the names of the user's own functions; where there are none, of the outermost of an installed package.

    Args:
        frames: The frames, the outermost first.
    """
    shown = list(filter(is_first_party, frames))
    installed = (each for each in frames if origin(each.f_code.co_filename) == "site")
    return list(map(_function, shown or itertools.islice(installed, 1)))


def _function(frame: FrameType) -> str:
    """Return a function's name; module-level code that awaits is a notebook's cell."""
    name = label(frame)
    return CELL if name == "<module>" else name
