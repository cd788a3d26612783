"""A notebook's kernel, and a client that uses it as a frontend does."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any

from jupyter_client.manager import KernelManager

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["Kernel", "Run"]

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_START = 60
_WAIT = 20


class Run:
    """One request to run a cell, and what has been received about it so far.

    Args:
        kernel: The kernel.
        request: The request's id.
    """

    def __init__(self, kernel: Kernel, request: str) -> None:
        self._kernel = kernel
        self.request = request
        self.output = ""
        self.is_idle = False
        self.is_answered = False

    def take(self, message: dict[str, Any]) -> None:
        """Add a message that belongs to the request."""
        content = message["content"]
        if message["msg_type"] == "status":
            self.is_idle = content["execution_state"] == "idle"
        elif message["msg_type"] == "stream":
            self.output += content["text"]
        elif message["msg_type"] == "execute_result":
            self.output += content["data"]["text/plain"] + "\n"
        elif message["msg_type"] == "error":
            self.output += _COLOUR.sub("", "\n".join(content["traceback"])) + "\n"

    def until(self, text: str) -> None:
        """Wait until the cell has printed this text."""
        self._kernel.read_until(lambda: text in self.output)

    def end(self) -> str:
        """Wait until the cell has finished, and return what it printed, its value and its error."""
        self._kernel.read_until(lambda: self.is_idle)
        # ipykernel 7 may lose a request that arrives while it replies to the one before (ipython/ipykernel#1554).
        self._kernel.read_answers_until(lambda: self.is_answered)
        return self.output


class Kernel:
    """A real ipykernel in its own process, without this user's settings.

    Args:
        directory: Its working directory, where its files are too.
        environment: Its environment variables.
        arguments: More arguments of its command line.
    """

    def __init__(self, directory: Path, environment: dict[str, str], *arguments: str) -> None:
        self._manager = KernelManager(ip="127.0.0.1", connection_file=str(directory / "connection.json"))
        self._manager.start_kernel(
            cwd=str(directory),
            env={**environment, "IPYTHONDIR": str(directory / "ipython")},
            # Cells that run at the same time would write the same line of the history, and print an error about it.
            extra_arguments=["--HistoryManager.enabled=False", *arguments],
        )
        self._client = self._manager.client()
        self._runs: dict[str, Run] = {}
        try:
            self._client.start_channels()
            self._client.wait_for_ready(timeout=_START)
        except BaseException:
            self.shutdown()
            raise

    def run(self, cell: str) -> str:
        """Run a cell and return what it prints, its value and its error, without colours."""
        return self.start(cell).end()

    def start(self, cell: str, *, subshell: str | None = None, **options: Any) -> Run:
        """Request that a cell is run.

        Args:
            cell: Its text.
            subshell: The thread to run it in, or ``None`` for the main one.
            options: More fields of the ``execute_request``.
        """
        usual = {"silent": False, "store_history": True, "allow_stdin": False, "stop_on_error": False}
        message = self._client.session.msg("execute_request", {"code": cell, **usual, **options})
        message["header"]["subshell_id"] = subshell
        self._client.shell_channel.send(message)
        run = self._runs[message["header"]["msg_id"]] = Run(self, message["header"]["msg_id"])
        return run

    def open_comm(self, target: str) -> None:
        """Make the kernel call the handler of a comm, as a widget does, and wait until it has returned."""
        content = {"comm_id": target, "target_name": target, "data": {}}
        message = self._client.session.msg("comm_open", content)
        run = self._runs[message["header"]["msg_id"]] = Run(self, message["header"]["msg_id"])
        self._client.shell_channel.send(message)
        self.read_until(lambda: run.is_idle)

    def start_subshell(self) -> str:
        """Make the kernel run cells in one more thread, and return the thread's name."""
        request = self._client.session.msg("create_subshell_request")
        self._client.control_channel.send(request)
        reply: dict[str, Any] = self._client.control_channel.get_msg(timeout=_WAIT)
        subshell: str = reply["content"]["subshell_id"]
        return subshell

    def interrupt(self) -> None:
        """Interrupt what is running, as the button does."""
        self._manager.interrupt_kernel()

    def read_until(self, is_enough: Callable[[], bool]) -> None:
        """Read what the kernel publishes until ``is_enough`` returns true.

        Raises:
            TimeoutError: If that takes too long.
            queue.Empty: If nothing more arrives in time.
        """
        deadline = time.monotonic() + _WAIT
        while not is_enough():
            if time.monotonic() > deadline:
                msg = f"the kernel is silent; so far: {[run.output for run in self._runs.values()]}"
                raise TimeoutError(msg)
            message = self._client.get_iopub_msg(timeout=_WAIT)
            run = self._runs.get(message["parent_header"].get("msg_id"))
            if run is not None:
                run.take(message)

    def read_answers_until(self, is_enough: Callable[[], bool]) -> None:
        """Read the kernel's replies to requests until ``is_enough`` returns true.

        Raises:
            queue.Empty: If none arrives in time.
        """
        while not is_enough():
            message = self._client.get_shell_msg(timeout=_WAIT)
            run = self._runs.get(message["parent_header"].get("msg_id"))
            if run is not None:
                run.is_answered = True

    def shutdown(self) -> None:
        """End the kernel's process."""
        self._client.stop_channels()
        self._manager.shutdown_kernel(now=True)
