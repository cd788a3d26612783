"""Waiting for another process."""

from __future__ import annotations

from ginger_async_safe.blocking import conditions
from ginger_async_safe.blocking.calls import BlockingCall
from ginger_async_safe.blocking.rules.threads import SHUTDOWN

__all__ = ["PROCESSES"]

_RUN = "await asyncio.create_subprocess_exec(...)"
_RUN_IN_SHELL = "await asyncio.create_subprocess_shell(...)"

_WAITS = (
    ("_multiprocessing.SemLock.acquire", "Lock", conditions.process_lock_is_held),
    ("_multiprocessing.SemLock.__enter__", "Lock", conditions.process_lock_is_held),
    ("multiprocessing.synchronize.SemLock.__enter__", "Lock", conditions.semaphore_of_processes_is_taken),
    ("multiprocessing.synchronize.Condition.wait", "Condition.wait", conditions.condition_waits),
    ("multiprocessing.synchronize.Event.wait", "Event.wait", conditions.event_is_not_set),
    ("multiprocessing.queues.Queue.get", "Queue.get", conditions.queue_is_empty),
    ("multiprocessing.queues.Queue.put", "Queue.put", conditions.queue_is_full),
    ("multiprocessing.queues.SimpleQueue.get", "SimpleQueue.get", conditions.simple_queue_is_empty),
    ("multiprocessing.pool.ApplyResult.get", "AsyncResult.get", conditions.result_is_not_ready),
    ("multiprocessing.pool.ApplyResult.wait", "AsyncResult.wait", conditions.result_is_not_ready),
    ("multiprocessing.connection.wait", "connection.wait", conditions.anything_is_joined),
)

PROCESSES = (
    BlockingCall(
        "multiprocessing.process.BaseProcess.start",
        category="processes",
        reason="it waits until another process has begun",
    ),
    BlockingCall(
        "multiprocessing.process.BaseProcess.join",
        category="processes",
        reason="it waits for another process",
        blocks=conditions.process_is_alive,
    ),
    BlockingCall(
        "multiprocessing.connection._ConnectionBase.recv",
        id="multiprocessing.Connection.recv",
        category="processes",
        reason="it waits for another process",
        blocks=conditions.connection_is_empty,
    ),
    BlockingCall(
        "multiprocessing.connection._ConnectionBase.poll",
        id="multiprocessing.Connection.poll",
        category="processes",
        reason="it waits for another process",
        blocks=conditions.connection_waits,
    ),
    *(
        BlockingCall(
            target,
            id=f"multiprocessing.{name}",
            category="processes",
            reason="it waits for another process",
            blocks=condition,
        )
        for target, name, condition in _WAITS
    ),
    *(
        BlockingCall(f"subprocess.{name}", mend=_RUN, category="processes", reason="it waits for another program")
        for name in ("call", "check_call", "check_output", "getoutput", "getstatusoutput", "run")
    ),
    BlockingCall(
        "subprocess.Popen.__init__",
        id="subprocess.Popen",
        mend=_RUN,
        category="processes",
        reason="it waits until another program has begun",
    ),
    *(
        BlockingCall(
            f"subprocess.Popen.{name}",
            mend=f"{_RUN}, and await process.{name}() of that",
            category="processes",
            reason="it waits for another program",
        )
        for name in ("wait", "communicate")
    ),
    BlockingCall(
        "os.system",
        mend=_RUN_IN_SHELL,
        category="processes",
        reason="it waits for another program",
        event="os.system",
    ),
    BlockingCall(
        "os.popen", mend=_RUN_IN_SHELL, category="processes", reason="it waits until another program has begun"
    ),
    BlockingCall("os.wait", category="processes", reason="it waits for a child process"),
    *(
        BlockingCall(
            f"os.{name}",
            category="processes",
            reason="it waits for a child process",
            blocks=conditions.waits_for_children,
        )
        for name in ("wait3", "wait4", "waitid")
    ),
    BlockingCall(
        "concurrent.futures.process.ProcessPoolExecutor.shutdown",
        id="concurrent.futures.ProcessPoolExecutor.shutdown",
        category="processes",
        mend=SHUTDOWN,
        reason="it waits for its processes to end",
        blocks=conditions.pool_is_at_work,
    ),
    BlockingCall(
        "os.waitpid", category="processes", reason="it waits for a child process", blocks=conditions.waits_for_child
    ),
)
