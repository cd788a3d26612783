"""Waiting for another process."""

from __future__ import annotations

from ginger_async_safe.blocking import conditions
from ginger_async_safe.blocking.calls import BlockingCall

__all__ = ["PROCESSES"]

_RUN = "await asyncio.create_subprocess_exec(...)"

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
            f"_multiprocessing.SemLock.{name}",
            id="multiprocessing.Lock",
            category="locks",
            reason="another process holds the lock",
        )
        for name in ("acquire", "__enter__")
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
    BlockingCall("subprocess.Popen.wait", category="processes", reason="it waits for another program"),
    BlockingCall("subprocess.Popen.communicate", category="processes", reason="it waits for another program"),
    BlockingCall(
        "os.system",
        mend="await asyncio.create_subprocess_shell(...)",
        category="processes",
        reason="it waits for another program",
        event="os.system",
    ),
    BlockingCall("os.popen", category="processes", reason="it waits until another program has begun"),
    BlockingCall("os.waitid", category="processes", reason="it waits for a child process"),
    BlockingCall("os.wait3", category="processes", reason="it waits for a child process"),
    BlockingCall("os.wait", category="processes", reason="it waits for a child process"),
    BlockingCall(
        "os.waitpid", category="processes", reason="it waits for a child process", blocks=conditions.waits_for_child
    ),
)
