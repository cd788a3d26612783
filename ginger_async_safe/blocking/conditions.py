"""Whether a call would really wait, told from its own arguments.

A condition is asked on a running loop, before each call that is not a loop's own: it does not wait, and changes nothing.
"""

# ruff: noqa: ANN401, FBT001, FBT002 - the callables that are asked about decide on their parameters

from __future__ import annotations

import os
import stat
import sys
from typing import TYPE_CHECKING, Any

from ginger_async_safe._frames import current_greenlet

if TYPE_CHECKING:
    from types import FrameType

__all__ = [
    "anything_is_joined",
    "barrier_is_not_full",
    "condition_waits",
    "connection_is_empty",
    "connection_waits",
    "descriptor_blocks",
    "engine_is_sync",
    "event_is_not_set",
    "future_is_not_done",
    "has_files",
    "is_no_socket",
    "is_not_printed_to",
    "is_programs_own",
    "kqueue_waits",
    "lock_of_condition_is_held",
    "poll_waits",
    "pool_is_at_work",
    "process_is_alive",
    "process_lock_is_held",
    "queue_is_empty",
    "queue_is_full",
    "result_is_not_ready",
    "select_waits",
    "semaphore_is_taken",
    "semaphore_of_processes_is_taken",
    "sends_blocking",
    "session_is_sync",
    "simple_queue_is_empty",
    "sleeps",
    "socket_blocks",
    "thread_is_alive",
    "thread_pool_is_at_work",
    "waits_for_child",
    "waits_for_children",
]

_PRINTED_TO = frozenset({1, 2})
_MAY_BE_RETAKEN = 0  # multiprocessing.synchronize.RECURSIVE_MUTEX


def sleeps(seconds: float = 0, *_: object) -> bool:
    """Tell whether ``time.sleep`` is asked for more than to let other threads run."""
    return seconds != 0


def is_not_printed_to(raw: Any, *_: object) -> bool:
    """Tell whether a raw file is another than standard output and error, to which programs print wherever they are."""
    buffers = [getattr(stream, "buffer", None) for stream in (sys.stdout, sys.stderr)]
    streams = [*buffers, *(getattr(buffer, "raw", None) for buffer in buffers)]
    return not (raw.closed or raw.fileno() in _PRINTED_TO or any(raw is stream for stream in streams))


def is_programs_own(handler: Any, *_: object) -> bool:
    """Tell whether a handler of log records is not one of pytest's, which hear of all that tests log."""
    return not type(handler).__module__.startswith("_pytest.")


def descriptor_blocks(descriptor: int, *_: object, **__: object) -> bool:
    """Tell whether a file descriptor waits until it can do what it is asked."""
    return descriptor not in _PRINTED_TO and os.get_blocking(descriptor)


def is_no_socket(path: Any, *_: object, **__: object) -> bool:
    """Tell whether a path that is removed is anything but a socket, which a loop's server leaves behind and takes away.

    A loop in C that does so has no frame of its own, and seems to be the code that closes the server.
    """
    try:
        return not stat.S_ISSOCK(os.lstat(path).st_mode)
    except OSError:  # removing it fails in the same way
        return True


def sends_blocking(to: int, *_: object, **__: object) -> bool:
    """Tell whether ``os.sendfile`` waits for the descriptor that it writes to."""
    return os.get_blocking(to) or stat.S_ISREG(os.fstat(to).st_mode)


def select_waits(*arguments: object, timeout: object = None) -> bool:
    """Tell whether ``select.select`` waits."""
    return (arguments[3] if len(arguments) > 3 else timeout) != 0  # noqa: PLR2004 - the fourth is the time


def poll_waits(_poll: object, timeout: object = None, *_: object, **__: object) -> bool:
    """Tell whether the ``poll`` of a poll object waits."""
    return timeout != 0


def kqueue_waits(_kqueue: object, _changes: object, _most: int, timeout: float | None = None) -> bool:
    """Tell whether ``select.kqueue.control`` waits."""
    return timeout != 0


def socket_blocks(sock: Any, *_: object, **__: object) -> bool:
    """Tell whether a socket waits until it can do what it is asked."""
    return bool(sock.gettimeout() != 0)


def has_files(_context: object, *files: object, **named: object) -> bool:
    """Tell whether certificates are read from files, and not from memory."""
    return any(files[:2]) or any(named.get(name) for name in ("certfile", "cafile", "capath"))


def connection_is_empty(connection: Any, *_: object, **__: object) -> bool:
    """Tell whether a connection of multiprocessing has nothing to give."""
    return not connection.poll(0)


def connection_waits(connection: Any, timeout: float | None = 0.0) -> bool:
    """Tell whether the ``poll`` of a connection of multiprocessing waits."""
    return timeout != 0 and not connection.poll(0)


def anything_is_joined(_objects: object, timeout: float | None = None) -> bool:
    """Tell whether ``multiprocessing.connection.wait`` waits."""
    return timeout != 0


def process_is_alive(process: Any, timeout: float | None = None) -> bool:
    """Tell whether the ``join`` of a process waits."""
    return timeout != 0 and process.is_alive()


def process_lock_is_held(lock: Any, block: bool = True, timeout: float | None = None) -> bool:
    """Tell whether a semaphore of the system, below a lock of multiprocessing, waits."""
    is_its_holder = lock.kind == _MAY_BE_RETAKEN and lock._is_mine()
    return bool(block) and timeout != 0 and lock._is_zero() and not is_its_holder


def semaphore_of_processes_is_taken(semaphore: Any) -> bool:
    """Tell whether a lock or semaphore of multiprocessing waits when it is entered."""
    return process_lock_is_held(semaphore._semlock)


def engine_is_sync(engine: Any, *_: object, **__: object) -> bool:
    """Tell whether an engine of SQLAlchemy has a sync driver; an async one is called through its sync side, too."""
    return not engine.dialect.is_async


def session_is_sync(_session: Any, *_: object, **__: object) -> bool:
    """Tell whether a session of SQLAlchemy is used by itself, and not by an ``AsyncSession`` in a greenlet of its own."""
    greenlet = current_greenlet()
    return greenlet is None or not getattr(greenlet, "__sqlalchemy_greenlet_provider__", False)


def event_is_not_set(event: Any, timeout: float | None = None) -> bool:
    """Tell whether the ``wait`` of an event waits."""
    return timeout != 0 and not event.is_set()


def condition_waits(_condition: object, timeout: float | None = None) -> bool:
    """Tell whether ``threading.Condition.wait`` waits."""
    return timeout != 0


def lock_of_condition_is_held(condition: Any) -> bool:
    """Tell whether the lock of a condition is held by somebody else."""
    lock = condition._lock
    if not lock.acquire(False):
        return True
    lock.release()
    return False


def semaphore_is_taken(semaphore: Any, blocking: bool = True, timeout: float | None = None) -> bool:
    """Tell whether ``threading.Semaphore.acquire`` waits."""
    return blocking and timeout != 0 and semaphore._value == 0


def barrier_is_not_full(barrier: Any, timeout: float | None = None) -> bool:
    """Tell whether ``threading.Barrier.wait`` waits for others."""
    return timeout != 0 and barrier.n_waiting + 1 < barrier.parties


def thread_is_alive(thread: Any, timeout: float | None = None) -> bool:
    """Tell whether ``threading.Thread.join`` waits."""
    return timeout != 0 and thread.is_alive()


def queue_is_empty(queue: Any, block: bool = True, timeout: float | None = None) -> bool:
    """Tell whether a queue's ``get`` waits."""
    return bool(block) and timeout != 0 and queue.empty()


def simple_queue_is_empty(queue: Any) -> bool:
    """Tell whether the ``get`` of a ``multiprocessing.SimpleQueue`` waits."""
    return bool(queue.empty())


def queue_is_full(queue: Any, _item: object, block: bool = True, timeout: float | None = None) -> bool:
    """Tell whether a queue's ``put`` waits."""
    return bool(block) and timeout != 0 and queue.full()


def future_is_not_done(future: Any, timeout: float | None = None) -> bool:
    """Tell whether ``concurrent.futures.Future.result`` waits."""
    return timeout != 0 and not future.done()


def result_is_not_ready(result: Any, timeout: float | None = None) -> bool:
    """Tell whether the ``get`` or ``wait`` of a result from a pool of multiprocessing waits."""
    return timeout != 0 and not result.ready()


def pool_is_at_work(executor: Any, wait: bool = True, **_: object) -> bool:
    """Tell whether ``ProcessPoolExecutor.shutdown`` waits for its processes to end."""
    return bool(wait) and bool(executor._processes)


def thread_pool_is_at_work(executor: Any, wait: bool = True, **_: object) -> bool:
    """Tell whether ``ThreadPoolExecutor.shutdown`` waits for work; threads that have none end at once."""
    if not wait or not executor._threads:
        return False
    if executor._work_queue.qsize():
        return True
    running = sys._current_frames()
    return any(_is_working(running.get(thread.ident)) for thread in list(executor._threads))


def _is_working(frame: FrameType | None) -> bool:
    """Tell whether a pool's thread runs a job; one whose result is there is as good as ended."""
    while frame is not None:
        if frame.f_code.co_name == "run" and frame.f_globals.get("__name__") == "concurrent.futures.thread":
            return not frame.f_locals["self"].future.done()
        frame = frame.f_back
    return False


def waits_for_child(_child: int, options: int = 0) -> bool:
    """Tell whether ``os.waitpid`` waits."""
    return not options & os.WNOHANG


def waits_for_children(*arguments: int, options: int = 0) -> bool:
    """Tell whether ``os.wait3``, ``os.wait4`` or ``os.waitid`` waits; the options are their last argument."""
    return not (arguments[-1] if arguments else options) & os.WNOHANG
