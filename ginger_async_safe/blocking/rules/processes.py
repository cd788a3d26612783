"""Rules for other processes: multiprocessing, subprocess, and the functions of ``os``."""

from __future__ import annotations

from ginger_async_safe.blocking import conditions
from ginger_async_safe.blocking.calls import BlockingCall
from ginger_async_safe.blocking.rules.threads import SHUTDOWN

__all__ = ["PROCESSES"]

_RUN = "await asyncio.create_subprocess_exec(...)"
_RUN_IN_SHELL = "await asyncio.create_subprocess_shell(...)"

_WAITS = (
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
        reason="it waits until another process has started",
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
        BlockingCall(
            f"_multiprocessing.SemLock.{name}",
            id="multiprocessing.Lock",
            category="processes",
            reason="it waits for another process",
            shape="process_lock",
        )
        for name in ("acquire", "__enter__")
    ),
    BlockingCall(
        "multiprocessing.synchronize.SemLock.__enter__",
        id="multiprocessing.Lock",
        category="processes",
        reason="it waits for another process",
        blocks=conditions.semaphore_of_processes_is_taken,
        shape="entering",
    ),
    *(
        BlockingCall(f"subprocess.{name}", fix=_RUN, category="processes", reason="it waits for another program")
        for name in ("call", "check_call", "check_output", "getoutput", "getstatusoutput", "run")
    ),
    BlockingCall(
        "subprocess.Popen.__init__",
        id="subprocess.Popen",
        fix=_RUN,
        category="processes",
        reason="it waits until another program has started",
    ),
    *(
        BlockingCall(
            f"subprocess.Popen.{name}",
            fix=f"{_RUN}, and await process.{name}() of that",
            category="processes",
            reason="it waits for another program",
            blocks=condition,
        )
        for name, condition in (("wait", conditions.process_runs), ("communicate", conditions.process_says_more))
    ),
    BlockingCall(
        "os.system",
        fix=_RUN_IN_SHELL,
        category="processes",
        reason="it waits for another program",
        event="os.system",
    ),
    BlockingCall(
        "os.popen", fix=_RUN_IN_SHELL, category="processes", reason="it waits until another program has started"
    ),
    *(
        BlockingCall(
            f"os.{name}",
            fix=_RUN,
            category="processes",
            reason="it waits until another program has started",
            event="os.posix_spawn" if name == "posix_spawn" else "",
            is_optional=True,
        )
        for name in ("posix_spawn", "posix_spawnp")
    ),
    BlockingCall(
        "sys.remote_exec",
        category="processes",
        reason="it reads and writes the memory of another process",
        event="sys.remote_exec",
        is_optional=True,
    ),
    BlockingCall("os.wait", category="processes", reason="it waits for a child process", is_optional=True),
    *(
        BlockingCall(
            f"os.{name}",
            category="processes",
            reason="it waits for a child process",
            blocks=conditions.waits_for_child(position),
            is_optional=True,
        )
        for name, position in (("wait3", 0), ("wait4", 1), ("waitid", 2))
    ),
    BlockingCall(
        "concurrent.futures.process.ProcessPoolExecutor.shutdown",
        id="concurrent.futures.ProcessPoolExecutor.shutdown",
        category="processes",
        fix=SHUTDOWN,
        reason="it waits for its processes to end",
        blocks=conditions.pool_is_at_work,
    ),
    BlockingCall(
        "os.waitpid", category="processes", reason="it waits for a child process", blocks=conditions.waits_for_child(1)
    ),
)
