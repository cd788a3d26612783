"""Processes: starting them, and waiting for them."""
# ruff: noqa: ASYNC220, ASYNC221, ASYNC222 - this blocks on purpose

from __future__ import annotations

import os
import signal
import subprocess
from typing import TYPE_CHECKING

from corpus.helpers import soon
from corpus.scenario import blocks, cleanup

if TYPE_CHECKING:
    from collections.abc import Callable

    from corpus.scenario import Run

_LONG = ["sleep", "60"]


def _started() -> tuple[subprocess.Popen[bytes], Callable[[], None]]:
    """Return a process that ends shortly after the other returned function was called."""
    process = subprocess.Popen(_LONG, stdout=subprocess.PIPE)
    cleanup.enter_context(process)
    return process, _end_of(process.pid)


def _spawned() -> tuple[int, Callable[[], None]]:
    """Return the id of such a process."""
    child = os.spawnlp(os.P_NOWAIT, "sleep", *_LONG)
    return child, _end_of(child)


def _end_of(child: int) -> Callable[[], None]:
    return soon(lambda: os.kill(child, signal.SIGTERM))


@blocks("subprocess.run", "subprocess.Popen", "subprocess.Popen.__init__")
def run_command() -> Run:
    """Run a command."""

    async def run() -> None:
        subprocess.run(["true"], check=True)  # HERE

    return run


@blocks("subprocess.check_output", "subprocess.run", "subprocess.Popen", "subprocess.Popen.__init__")
def check_output() -> Run:
    """Run a command for its output."""

    async def run() -> None:
        subprocess.check_output(["echo", "hello"])  # HERE

    return run


@blocks("subprocess.call", "subprocess.Popen", "subprocess.Popen.__init__")
def call() -> Run:
    """Run a command for its exit code."""

    async def run() -> None:
        subprocess.call(["true"])  # HERE

    return run


@blocks("subprocess.getoutput", "subprocess.getstatusoutput", "subprocess.check_output", "subprocess.Popen")
def getoutput() -> Run:
    """Run a shell command for its output."""

    async def run() -> None:
        subprocess.getoutput("echo hello")  # HERE

    return run


@blocks("subprocess.Popen", "subprocess.Popen.__init__")
def popen() -> Run:
    """Start a process, which waits until the program runs."""

    async def run() -> None:
        cleanup.enter_context(subprocess.Popen(["true"]))  # HERE

    return run


@blocks("subprocess.Popen.wait")
def popen_wait() -> Run:
    """Wait for a process that was started earlier."""
    process, trigger = _started()

    async def run() -> None:
        trigger()
        process.wait()  # HERE

    return run


@blocks("subprocess.Popen.wait")
def popen_wait_with_timeout() -> Run:
    """Wait for a process, with a timeout."""
    process, trigger = _started()

    async def run() -> None:
        trigger()
        process.wait(timeout=5)  # HERE

    return run


@blocks("subprocess.Popen.communicate")
def communicate() -> Run:
    """Wait for a process's output."""
    process, trigger = _started()

    async def run() -> None:
        trigger()
        process.communicate()  # HERE

    return run


@blocks("file.read", "io.BufferedReader.read")
def read_of_pipe() -> Run:
    """Read a process's output to the end."""
    process, trigger = _started()
    assert process.stdout is not None
    output = process.stdout

    async def run() -> None:
        trigger()
        output.read()  # HERE

    return run


@blocks("subprocess.Popen.__exit__", "subprocess.Popen.wait")
def end_of_with() -> Run:
    """Wait for a process at the end of a ``with`` statement."""
    process = subprocess.Popen(_LONG)
    cleanup.callback(process.wait)
    trigger = _end_of(process.pid)

    async def run() -> None:
        trigger()
        with process:  # HERE
            pass

    return run


@blocks("os.system")
def system() -> Run:
    """Run a shell command."""

    async def run() -> None:
        os.system("true")  # HERE

    return run


@blocks("os.popen", "subprocess.Popen", "subprocess.Popen.__init__")
def os_popen() -> Run:
    """Open a pipe to a shell command."""

    async def run() -> None:
        cleanup.callback(os.popen("true").close)  # HERE

    return run


@blocks("os.waitpid")
def waitpid() -> Run:
    """Wait for a child."""
    child, trigger = _spawned()

    async def run() -> None:
        trigger()
        os.waitpid(child, 0)  # HERE

    return run


@blocks("os.wait")
def wait() -> Run:
    """Wait for any child."""
    _, trigger = _spawned()

    async def run() -> None:
        trigger()
        os.wait()  # HERE

    return run


@blocks("os.waitid")
def waitid() -> Run:
    """Wait for a change of a child's state."""
    child, trigger = _spawned()

    async def run() -> None:
        trigger()
        os.waitid(os.P_PID, child, os.WEXITED)  # HERE

    return run


@blocks("os.spawnvp", "os.spawnlp", "os.waitpid")
def spawn_and_wait() -> Run:
    """Start a child and wait for it."""

    async def run() -> None:
        os.spawnlp(os.P_WAIT, "true", "true")  # HERE

    return run
