"""Conditions of rules: whether a call would really wait, given its own arguments.

A condition is called on a running loop, before each call that is not a loop's own: it does not wait, and changes nothing.
If the call is invalid, as with a closed descriptor, the condition returns ``False``, and the call itself raises the error.
Any other error in here is a bug of this module.
"""

# ruff: noqa: ANN401, FBT001, FBT002 - the guarded callables determine the parameters

from __future__ import annotations

import functools
import os
import select
import signal
import sys
import threading
from typing import TYPE_CHECKING, Any, ParamSpec

from ginger_async_safe._runtime.frames import current_greenlet
from ginger_async_safe.blocking.immediate import never_waits_with

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

__all__ = [
    "anything_is_joined",
    "barrier_is_not_full",
    "condition_waits",
    "connection_is_empty",
    "connection_waits",
    "engine_is_sync",
    "event_is_not_set",
    "false_if_raised",
    "future_is_not_done",
    "interpreters_queue_is_empty",
    "interpreters_queue_is_full",
    "is_programs_own",
    "iterator_is_taken",
    "lock_of_condition_is_held",
    "may_wait",
    "pool_is_at_work",
    "process_is_alive",
    "process_runs",
    "process_says_more",
    "queue_is_empty",
    "queue_is_full",
    "result_is_not_ready",
    "semaphore_is_taken",
    "semaphore_of_processes_is_taken",
    "session_is_sync",
    "signal_is_not_there",
    "signal_is_waited_for",
    "simple_queue_is_empty",
    "sleeps",
    "tee_is_taken",
    "thread_is_alive",
    "thread_pool_is_at_work",
    "waits_for_child",
    "waits_for_children",
]

_P = ParamSpec("_P")

_MAY_BE_RETAKEN = 0  # multiprocessing.synchronize.RECURSIVE_MUTEX


def false_if_raised(*errors: type[Exception]) -> Callable[[Callable[_P, bool]], Callable[_P, bool]]:
    """Have a condition return ``False`` on errors which the call itself will raise too."""

    def decorated(condition: Callable[_P, bool]) -> Callable[_P, bool]:
        @functools.wraps(condition)
        def guarded(*args: _P.args, **kwargs: _P.kwargs) -> bool:
            try:
                return condition(*args, **kwargs)
            except errors:
                return False

        return guarded

    return decorated


def may_wait(timeout: object) -> bool:
    """Return whether a timeout allows a wait: a negative one does not; a value that is no number may."""
    return not issubclass(type(timeout), (int, float)) or timeout > 0  # type: ignore[operator] # it is a number


@never_waits_with(is_method=False, seconds=0)
def sleeps(seconds: float = 0, *_: object) -> bool:
    """Return whether ``time.sleep`` does more than to let other threads run."""
    return seconds != 0


def is_programs_own(handler: Any, *_: object) -> bool:
    """Return whether a handler of log records is not one of pytest's, which receive all that tests log."""
    return not type(handler).__module__.startswith("_pytest.")


@false_if_raised(OSError, EOFError)
def connection_is_empty(connection: Any, *_: object, **__: object) -> bool:
    """Return whether a connection of multiprocessing has nothing to receive."""
    return not connection.poll(0)


@never_waits_with(timeout=0)
@false_if_raised(OSError, EOFError)
def connection_waits(connection: Any, timeout: float | None = 0.0) -> bool:
    """Return whether the ``poll`` of a connection of multiprocessing waits."""
    return may_wait(timeout) and not connection.poll(0)


@never_waits_with(is_method=False, timeout=0)
@false_if_raised(OSError, ValueError, TypeError)
def anything_is_joined(objects: Any, timeout: float | None = None) -> bool:
    """Return whether ``multiprocessing.connection.wait`` waits."""
    return may_wait(timeout) and not (
        issubclass(type(objects), (list, tuple)) and sys.modules["multiprocessing.connection"].wait(objects, 0)
    )


@never_waits_with(timeout=0)
@false_if_raised(ValueError, AssertionError)
def process_is_alive(process: Any, timeout: float | None = None) -> bool:
    """Return whether the ``join`` of a process waits."""
    return may_wait(timeout) and process.is_alive()


def semaphore_of_processes_is_taken(semaphore: Any) -> bool:
    """Return whether a lock or semaphore of multiprocessing waits when it is entered."""
    lock = semaphore._semlock
    is_its_holder = lock.kind == _MAY_BE_RETAKEN and lock._is_mine()
    return lock._is_zero() and not is_its_holder


def engine_is_sync(engine: Any, *_: object, **__: object) -> bool:
    """Return whether an engine of SQLAlchemy has a sync driver; async engines use the sync engine too."""
    return not engine.dialect.is_async


def session_is_sync(_session: Any, *_: object, **__: object) -> bool:
    """Return whether a session of SQLAlchemy is used directly, and not by an ``AsyncSession`` in its greenlet."""
    greenlet = current_greenlet()
    return greenlet is None or not getattr(greenlet, "__sqlalchemy_greenlet_provider__", False)


@never_waits_with(timeout=0)
def event_is_not_set(event: Any, timeout: float | None = None) -> bool:
    """Return whether the ``wait`` of an event waits."""
    return may_wait(timeout) and not event.is_set()


@never_waits_with(timeout=0)
def condition_waits(_condition: object, timeout: float | None = None) -> bool:
    """Return whether ``threading.Condition.wait`` waits."""
    return may_wait(timeout)


def lock_of_condition_is_held(condition: Any) -> bool:
    """Return whether another thread holds the lock of a condition."""
    lock = condition._lock
    if not lock.acquire(False):
        return True
    lock.release()
    return False


@never_waits_with(blocking=False, timeout=0)
def semaphore_is_taken(semaphore: Any, blocking: bool = True, timeout: float | None = None) -> bool:
    """Return whether ``threading.Semaphore.acquire`` waits."""
    return blocking and may_wait(timeout) and semaphore._value == 0


@never_waits_with(timeout=0)
def barrier_is_not_full(barrier: Any, timeout: float | None = None) -> bool:
    """Return whether ``threading.Barrier.wait`` waits for others."""
    return may_wait(timeout) and not barrier.broken and barrier.n_waiting + 1 < barrier.parties


@never_waits_with(timeout=0)
@false_if_raised(RuntimeError, AssertionError)
def thread_is_alive(thread: Any, timeout: float | None = None) -> bool:
    """Return whether ``threading.Thread.join`` waits; joining the current thread raises at once."""
    return may_wait(timeout) and thread.is_alive() and thread.ident != threading.get_ident()


@never_waits_with(block=False, timeout=0)
@false_if_raised(OSError, ValueError)
def queue_is_empty(queue: Any, block: bool = True, timeout: float | None = None) -> bool:
    """Return whether a queue's ``get`` waits; of a queue that is shut down (Python 3.13) it raises at once."""
    return bool(block) and may_wait(timeout) and _is_empty(queue) and not getattr(queue, "is_shutdown", False)


@false_if_raised(OSError, ValueError)
def simple_queue_is_empty(queue: Any) -> bool:
    """Return whether the ``get`` of a ``multiprocessing.SimpleQueue`` waits."""
    return bool(queue.empty())


@never_waits_with(block=False, timeout=0)
def queue_is_full(queue: Any, _item: object, block: bool = True, timeout: float | None = None) -> bool:
    """Return whether a queue's ``put`` waits; of a queue that is shut down (Python 3.13) it raises at once."""
    return bool(block) and may_wait(timeout) and _is_full(queue) and not getattr(queue, "is_shutdown", False)


def _is_empty(queue: Any) -> bool:
    """Return whether a queue is empty, without its lock, which another thread may hold."""
    return not queue._qsize() if hasattr(queue, "_qsize") else bool(queue.empty())


def _is_full(queue: Any) -> bool:
    """Return whether a queue is full, without its lock."""
    return 0 < queue.maxsize <= queue._qsize() if hasattr(queue, "_qsize") else bool(queue.full())


@never_waits_with(block=False, timeout=0)
def interpreters_queue_is_empty(queue: Any, block: bool = True, timeout: float | None = None, **_: object) -> bool:
    """Return whether the ``get`` of a queue between interpreters waits, whose timeout counts whole seconds."""
    return bool(block) and (timeout is None or int(timeout) > 0) and queue.empty()


@never_waits_with(block=False, timeout=0)
def interpreters_queue_is_full(
    queue: Any, _item: object, block: bool = True, timeout: float | None = None, **_: object
) -> bool:
    """Return whether the ``put`` of a queue between interpreters waits, whose timeout counts whole seconds."""
    return bool(block) and (timeout is None or int(timeout) > 0) and queue.full()


def iterator_is_taken(iterator: Any, *_: object) -> bool:
    """Return whether another thread computes the next item of a ``threading.serialize_iterator``."""
    return bool(iterator._lock.locked())


def tee_is_taken(tee: Any) -> bool:
    """Return whether another thread computes the next item of a ``threading.concurrent_tee``."""
    return tee.link[1] is None and bool(tee.lock.locked())


@never_waits_with(timeout=0)
def future_is_not_done(future: Any, timeout: float | None = None) -> bool:
    """Return whether ``concurrent.futures.Future.result`` waits, without its lock, which another thread may hold."""
    return may_wait(timeout) and future._state in {"PENDING", "RUNNING"}


@never_waits_with(timeout=0)
def result_is_not_ready(result: Any, timeout: float | None = None) -> bool:
    """Return whether the ``get`` or ``wait`` of a result from a pool of multiprocessing waits."""
    return may_wait(timeout) and not result.ready()


@never_waits_with(wait=False)
def pool_is_at_work(executor: Any, wait: bool = True, **_: object) -> bool:
    """Return whether ``ProcessPoolExecutor.shutdown`` waits for its processes to end."""
    return bool(wait) and bool(executor._processes)


@never_waits_with(wait=False)
def thread_pool_is_at_work(executor: Any, wait: bool = True, **_: object) -> bool:
    """Return whether ``ThreadPoolExecutor.shutdown`` waits for jobs; idle threads end at once."""
    if not wait or not executor._threads:
        return False
    if executor._work_queue.qsize():
        return True
    running = sys._current_frames()
    return any(_is_working(running.get(thread.ident)) for thread in list(executor._threads))


def _is_working(frame: FrameType | None) -> bool:
    """Return whether a pool's thread runs a job; a job whose result is set counts as ended."""
    while frame is not None:
        if frame.f_code.co_name == "run" and frame.f_globals.get("__name__") == "concurrent.futures.thread":
            # From Python 3.14 on a job runs below two of that name, and only the outer one's object has the future. A
            # job that has failed sets the variable to None once its future has the error.
            future = getattr(frame.f_locals.get("self"), "future", None)
            if future is not None:
                return future_is_not_done(future)
        frame = frame.f_back
    return False


@never_waits_with(timeout=0)
@false_if_raised(AttributeError, TypeError)
def process_runs(process: Any, timeout: float | None = None) -> bool:
    """Return whether ``subprocess.Popen.wait`` waits: not if the process has been waited for already."""
    return process.returncode is None and may_wait(timeout)


@never_waits_with(timeout=0)
@false_if_raised(AttributeError, TypeError)
def process_says_more(process: Any, data: object = None, timeout: float | None = None) -> bool:
    """Return whether ``subprocess.Popen.communicate`` waits: for the process, or for another one that has its pipes."""
    if not may_wait(timeout):
        return False
    if process.returncode is None or (data and process.stdin and not process.stdin.closed):
        return True
    files = [each for each in (process.stdout, process.stderr) if each and not each.closed]
    return not all(map(_has_ended, files))


@false_if_raised(OSError, ValueError)
def _has_ended(file: Any) -> bool:
    """Return whether a pipe has no writers any more."""
    poll = select.poll()
    poll.register(file.fileno(), 0)
    return any(event & select.POLLHUP for _, event in poll.poll(0))


@false_if_raised(TypeError)
def signal_is_not_there(signals: Any, *_: object) -> bool:
    """Return whether ``signal.sigwait`` waits: not if a signal is pending."""
    return not isinstance(signals, (frozenset, list, set, tuple)) or signal.sigpending().isdisjoint(signals)


@never_waits_with(is_method=False, timeout=0)
def signal_is_waited_for(signals: Any, timeout: float | None = None, *_: object) -> bool:
    """Return whether ``signal.sigtimedwait`` waits."""
    return may_wait(timeout) and signal_is_not_there(signals)


@false_if_raised(TypeError)
def waits_for_child(_child: int, options: int = 0) -> bool:
    """Return whether ``os.waitpid`` waits."""
    return not options & os.WNOHANG


@false_if_raised(TypeError)
def waits_for_children(*arguments: int, options: int = 0) -> bool:
    """Return whether ``os.wait3``, ``os.wait4`` or ``os.waitid`` waits; the options are their last argument."""
    return not (arguments[-1] if arguments else options) & os.WNOHANG
