"""Whether a call would really wait, told from its arguments."""

from __future__ import annotations

import os
import sys
from typing import Any

__all__ = [
    "barrier_is_not_full",
    "condition_waits",
    "connection_is_empty",
    "connection_waits",
    "descriptor_blocks",
    "engine_is_sync",
    "event_is_not_set",
    "future_is_not_done",
    "is_not_printed_to",
    "poll_waits",
    "process_is_alive",
    "queue_is_empty",
    "queue_is_full",
    "select_waits",
    "semaphore_is_taken",
    "sleeps",
    "socket_blocks",
    "thread_is_alive",
    "waits_for_child",
]

_PRINTED_TO = frozenset({1, 2})


def _itself(arguments: dict[str, Any]) -> Any:  # noqa: ANN401 - what a method is called on
    return arguments["self"] if "self" in arguments else arguments["0"]


def _timeout(arguments: dict[str, Any]) -> object:
    return arguments.get("timeout")


def sleeps(arguments: dict[str, Any]) -> bool:
    """Tell whether ``time.sleep`` is asked for more than to let other threads run."""
    return arguments.get("0") != 0


def is_not_printed_to(arguments: dict[str, Any]) -> bool:
    """Tell whether a raw file is another than standard output and error, to which programs print wherever they are."""
    raw = arguments["0"]
    buffers = [getattr(stream, "buffer", None) for stream in (sys.stdout, sys.stderr)]
    streams = [*buffers, *(getattr(buffer, "raw", None) for buffer in buffers)]
    return bool(raw.closed) or not (raw.fileno() in _PRINTED_TO or any(raw is stream for stream in streams))


def descriptor_blocks(arguments: dict[str, Any]) -> bool:
    """Tell whether a file descriptor waits until it can do what it is asked."""
    descriptor = arguments["0"]
    return descriptor not in _PRINTED_TO and os.get_blocking(descriptor)


def select_waits(arguments: dict[str, Any]) -> bool:
    """Tell whether ``select.select`` waits."""
    return arguments.get("3", arguments.get("timeout")) != 0


def poll_waits(arguments: dict[str, Any]) -> bool:
    """Tell whether the ``poll`` of a poll object waits."""
    return arguments.get("1", arguments.get("timeout")) != 0


def connection_is_empty(arguments: dict[str, Any]) -> bool:
    """Tell whether a connection of multiprocessing has nothing to give."""
    return not arguments["self"].poll(0)


def connection_waits(arguments: dict[str, Any]) -> bool:
    """Tell whether the ``poll`` of a connection of multiprocessing waits."""
    return arguments["timeout"] != 0 and not arguments["self"].poll(0)


def process_is_alive(arguments: dict[str, Any]) -> bool:
    """Tell whether the ``join`` of a process waits."""
    return _timeout(arguments) != 0 and arguments["self"].is_alive()


def engine_is_sync(arguments: dict[str, Any]) -> bool:
    """Tell whether an engine of SQLAlchemy has a sync driver; an async one is called through its sync side, too."""
    return not arguments["self"].dialect.is_async


def socket_blocks(arguments: dict[str, Any]) -> bool:
    """Tell whether a socket waits until it can do what it is asked."""
    return bool(_itself(arguments).gettimeout() != 0)


def event_is_not_set(arguments: dict[str, Any]) -> bool:
    """Tell whether ``threading.Event.wait`` waits."""
    return _timeout(arguments) != 0 and not arguments["self"].is_set()


def condition_waits(arguments: dict[str, Any]) -> bool:
    """Tell whether ``threading.Condition.wait`` waits."""
    return _timeout(arguments) != 0


def semaphore_is_taken(arguments: dict[str, Any]) -> bool:
    """Tell whether ``threading.Semaphore.acquire`` waits."""
    return bool(arguments["blocking"]) and _timeout(arguments) != 0 and arguments["self"]._value == 0


def barrier_is_not_full(arguments: dict[str, Any]) -> bool:
    """Tell whether ``threading.Barrier.wait`` waits for others."""
    barrier = arguments["self"]
    return _timeout(arguments) != 0 and barrier.n_waiting + 1 < barrier.parties


def thread_is_alive(arguments: dict[str, Any]) -> bool:
    """Tell whether ``threading.Thread.join`` waits."""
    return _timeout(arguments) != 0 and arguments["self"].is_alive()


def queue_is_empty(arguments: dict[str, Any]) -> bool:
    """Tell whether a queue's ``get`` waits."""
    return _queue_waits(arguments) and bool(_itself(arguments).empty())


def queue_is_full(arguments: dict[str, Any]) -> bool:
    """Tell whether a queue's ``put`` waits."""
    return _queue_waits(arguments) and arguments["self"].full()


def _queue_waits(arguments: dict[str, Any]) -> bool:
    return bool(arguments.get("block", arguments.get("1", True))) and _timeout(arguments) != 0


def future_is_not_done(arguments: dict[str, Any]) -> bool:
    """Tell whether ``concurrent.futures.Future.result`` waits."""
    return _timeout(arguments) != 0 and not arguments["self"].done()


def waits_for_child(arguments: dict[str, Any]) -> bool:
    """Tell whether ``os.waitpid`` waits."""
    return not arguments.get("1", arguments.get("options", 0)) & os.WNOHANG
