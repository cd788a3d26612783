"""Conditions of rules: whether a call would really wait, given its own arguments.

What arguments decide, or a state that a source shows, is declared as data (:mod:`ginger_async_safe.blocking.clauses`); the
functions look at the rest. A condition is called on a running loop, before each call that is not a loop's own: it does not
wait, and changes nothing. If the call is invalid, as with a closed descriptor, the condition returns ``False``, and the call itself raises the error.
Any other error in here is a bug of this module.
"""

# ruff: noqa: ANN401 - the guarded callables determine the parameters

from __future__ import annotations

import functools
import select
import signal
import sys
import threading
from typing import TYPE_CHECKING, Any, ParamSpec

from ginger_async_safe._runtime.greenlets import current_greenlet
from ginger_async_safe.blocking.clauses import (
    RECEIVER,
    Argument,
    Clause,
    HasFlag,
    HasState,
    Immediate,
    Satisfies,
    State,
)
from ginger_async_safe.blocking.immediate import never_waits_if, waits_unless

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from ginger_async_safe.blocking.calls import Condition

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
    "is_zero",
    "iterator_is_taken",
    "lock_of_condition_is_held",
    "may_wait",
    "no_time",
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


def is_zero(timeout: object) -> bool:
    """Return whether a timeout is zero, for calls to which a negative one means no limit."""
    return issubclass(type(timeout), (int, float)) and timeout == 0


def no_time(position: int, default: float | None = None) -> Clause:
    """Return the clause that a call has no time to wait.

    Args:
        position: The position of its timeout.
        default: The timeout if none is given.
    """
    return Clause(Argument(position, "timeout", default), Satisfies(_is_no_time))


def _is_no_time(timeout: object) -> bool:
    return not may_wait(timeout)


def _no_whole_second(position: int) -> Clause:
    """Return the clause that a call has no time to wait, of one whose timeout counts whole seconds."""
    return Clause(
        Argument(position, "timeout", None),
        Satisfies(lambda timeout: issubclass(type(timeout), (int, float)) and timeout < 1),
    )


def _refused(position: int, name: str) -> Clause:
    """Return the clause that a call is not to wait, by an argument that is true by default."""
    return Clause(Argument(position, name, default=True), Satisfies(lambda value: not value))


sleeps: Condition = waits_unless(
    Clause(Argument(0, "seconds", 0), Satisfies(lambda seconds: seconds == 0)), is_method=False
)
"""Whether ``time.sleep`` does more than to let other threads run."""


def is_programs_own(handler: Any, *_: object) -> bool:
    """Return whether a handler of log records is not one of pytest's, which receive all that tests log."""
    return not type(handler).__module__.startswith("_pytest.")


@false_if_raised(OSError, EOFError)
def connection_is_empty(connection: Any, *_: object, **__: object) -> bool:
    """Return whether a connection of multiprocessing has nothing to receive."""
    return not connection.poll(0)


connection_waits: Condition = never_waits_if(no_time(0, default=0.0))(connection_is_empty)
"""Whether the ``poll`` of a connection of multiprocessing waits."""


@never_waits_if(no_time(1), is_method=False)
@false_if_raised(OSError, ValueError, TypeError)
def anything_is_joined(objects: Any, *_: object, **__: object) -> bool:
    """Return whether ``multiprocessing.connection.wait`` waits."""
    return not (issubclass(type(objects), (list, tuple)) and sys.modules["multiprocessing.connection"].wait(objects, 0))


@never_waits_if(no_time(0))
@false_if_raised(ValueError, AssertionError)
def process_is_alive(process: Any, *_: object, **__: object) -> bool:
    """Return whether the ``join`` of a process waits."""
    return bool(process.is_alive())


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


@never_waits_if(no_time(0))
def event_is_not_set(event: Any, *_: object, **__: object) -> bool:
    """Return whether the ``wait`` of an event waits."""
    return not event.is_set()


condition_waits: Condition = waits_unless(no_time(0))
"""Whether ``threading.Condition.wait`` waits."""


def lock_of_condition_is_held(condition: Any) -> bool:
    """Return whether another thread holds the lock of a condition."""
    lock = condition._lock
    if not lock.acquire(False):
        return True
    lock.release()
    return False


@never_waits_if(_refused(0, "blocking"), no_time(1))
def semaphore_is_taken(semaphore: Any, *_: object, **__: object) -> bool:
    """Return whether ``threading.Semaphore.acquire`` waits."""
    return bool(semaphore._value == 0)


@never_waits_if(no_time(0))
def barrier_is_not_full(barrier: Any, *_: object, **__: object) -> bool:
    """Return whether ``threading.Barrier.wait`` waits for others."""
    return not barrier.broken and barrier.n_waiting + 1 < barrier.parties


@never_waits_if(no_time(0))
@false_if_raised(RuntimeError, AssertionError)
def thread_is_alive(thread: Any, *_: object, **__: object) -> bool:
    """Return whether ``threading.Thread.join`` waits; joining the current thread raises at once."""
    return bool(thread.is_alive()) and thread.ident != threading.get_ident()


@never_waits_if(_refused(0, "block"), no_time(1))
@false_if_raised(OSError, ValueError)
def queue_is_empty(queue: Any, *_: object, **__: object) -> bool:
    """Return whether a queue's ``get`` waits; of a queue that is shut down (Python 3.13) it raises at once."""
    return _is_empty(queue) and not getattr(queue, "is_shutdown", False)


@false_if_raised(OSError, ValueError)
def simple_queue_is_empty(queue: Any) -> bool:
    """Return whether the ``get`` of a ``multiprocessing.SimpleQueue`` waits."""
    return bool(queue.empty())


def _has_bound(queue: Any) -> bool:
    """Return whether a queue can be full; one of multiprocessing always has a bound, of which it says nothing."""
    return bool(getattr(queue, "maxsize", 1) > 0)


_unbounded = Immediate(unless=(Clause(RECEIVER, HasState(State.BOUNDED, _has_bound)),))


@never_waits_if(_refused(1, "block"), no_time(2), _unbounded)
def queue_is_full(queue: Any, *_: object, **__: object) -> bool:
    """Return whether a queue's ``put`` waits; of a queue that is shut down (Python 3.13) it raises at once."""
    return _is_full(queue) and not getattr(queue, "is_shutdown", False)


def _is_empty(queue: Any) -> bool:
    """Return whether a queue is empty, without its lock, which another thread may hold."""
    return not queue._qsize() if hasattr(queue, "_qsize") else bool(queue.empty())


def _is_full(queue: Any) -> bool:
    """Return whether a queue that has a bound is full, without its lock."""
    return bool(queue.maxsize <= queue._qsize()) if hasattr(queue, "_qsize") else bool(queue.full())


@never_waits_if(_refused(0, "block"), _no_whole_second(1))
def interpreters_queue_is_empty(queue: Any, *_: object, **__: object) -> bool:
    """Return whether the ``get`` of a queue between interpreters waits."""
    return bool(queue.empty())


@never_waits_if(_refused(1, "block"), _no_whole_second(2), _unbounded)
def interpreters_queue_is_full(queue: Any, *_: object, **__: object) -> bool:
    """Return whether the ``put`` of a queue between interpreters waits."""
    return bool(queue.full())


def iterator_is_taken(iterator: Any, *_: object) -> bool:
    """Return whether another thread computes the next item of a ``threading.serialize_iterator``."""
    return bool(iterator._lock.locked())


def tee_is_taken(tee: Any) -> bool:
    """Return whether another thread computes the next item of a ``threading.concurrent_tee``."""
    return tee.link[1] is None and bool(tee.lock.locked())


def _is_done(future: Any) -> bool:
    """Return whether a future has its result, without its lock, which another thread may hold."""
    return future._state not in {"PENDING", "RUNNING"}


future_is_not_done: Condition = waits_unless(no_time(0), Clause(RECEIVER, HasState(State.DONE, _is_done)))
"""Whether ``concurrent.futures.Future.result`` waits."""


@never_waits_if(no_time(0))
def result_is_not_ready(result: Any, *_: object, **__: object) -> bool:
    """Return whether the ``get`` or ``wait`` of a result from a pool of multiprocessing waits."""
    return not result.ready()


@never_waits_if(_refused(0, "wait"))
def pool_is_at_work(executor: Any, *_: object, **__: object) -> bool:
    """Return whether ``ProcessPoolExecutor.shutdown`` waits for its processes to end."""
    return bool(executor._processes)


@never_waits_if(_refused(0, "wait"))
def thread_pool_is_at_work(executor: Any, *_: object, **__: object) -> bool:
    """Return whether ``ThreadPoolExecutor.shutdown`` waits for jobs; idle threads end at once."""
    if not executor._threads:
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
                return not _is_done(future)
        frame = frame.f_back
    return False


@never_waits_if(no_time(0))
@false_if_raised(AttributeError, TypeError)
def process_runs(process: Any, *_: object, **__: object) -> bool:
    """Return whether ``subprocess.Popen.wait`` waits: not if the process has been waited for already."""
    return process.returncode is None


@never_waits_if(no_time(1))
@false_if_raised(AttributeError, TypeError)
def process_says_more(process: Any, data: object = None, *_: object, **__: object) -> bool:
    """Return whether ``subprocess.Popen.communicate`` waits: for the process, or for another one that has its pipes."""
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
def signal_is_not_there(signals: Any, *_: object, **__: object) -> bool:
    """Return whether ``signal.sigwait`` waits: not if a signal is pending."""
    return not isinstance(signals, (frozenset, list, set, tuple)) or signal.sigpending().isdisjoint(signals)


signal_is_waited_for: Condition = never_waits_if(no_time(1), is_method=False)(signal_is_not_there)
"""Whether ``signal.sigtimedwait`` waits."""


def waits_for_child(position: int) -> Condition:
    """Return the condition for ``os.waitpid`` and its kin.

    Args:
        position: The position of the options.
    """
    options = Argument(position, "options")
    is_refused = Clause(options, Satisfies(lambda value: not isinstance(value, int)))
    return waits_unless(is_refused, Clause(options, HasFlag(("os.WNOHANG",))), is_method=False)
