"""The extension of IPython: cells may call what is guarded, and ``%async_safe`` shows and sets the policy.

``%load_ext ginger_async_safe`` loads it. A cell is where the loop waits, and its author sees that it does. What a cell
only starts (tasks, callbacks) is stopped as elsewhere: nobody sees what waits for those.
"""

# ruff: noqa: ANN401 - the shell is IPython's, which may not be installed

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from ginger_async_safe._explain import in_force
from ginger_async_safe._grants import StandingGrant
from ginger_async_safe._notebooks import shell_of
from ginger_async_safe._patterns import Patterns
from ginger_async_safe.exceptions import ConfigurationError
from ginger_async_safe.policy import configure

if TYPE_CHECKING:
    from types import FrameType

    from ginger_async_safe.detect import AsyncContext

__all__ = ["load_ipython_extension", "unload_ipython_extension"]

_MAGIC = "async_safe"


def load_ipython_extension(shell: Any) -> None:
    """Let the cells of a shell call what is guarded, and give it the magic command ``%async_safe``.

    IPython calls this for ``%load_ext ginger_async_safe``. Loading it twice is loading it once.

    Args:
        shell: IPython's shell.

    Raises:
        TypeError: Where ``shell`` is none.
    """
    _check(shell, "load_ipython_extension")
    if shell not in _extensions:
        _extensions[shell] = _Extension(shell)


def unload_ipython_extension(shell: Any) -> None:
    """Leave the shell as it was before :func:`load_ipython_extension`.

    IPython calls this for ``%unload_ext ginger_async_safe``. The policy stays as it was set last.

    Args:
        shell: IPython's shell.

    Raises:
        TypeError: Where ``shell`` is none.
    """
    _check(shell, "unload_ipython_extension")
    if shell in _extensions:
        _extensions.pop(shell).unload()


class _CellsGrant(StandingGrant):
    """Allows what the cells of one shell call themselves.

    A cell that makes a call is on the stack, and that alone is asked: so nothing is left open by cells that fail, are
    interrupted, run others or run side by side.
    """

    __slots__ = ("_shell",)

    def __init__(self, shell: Any) -> None:
        super().__init__("made by a cell of IPython", Patterns("*"))
        self._shell = shell

    def holds(self, context: AsyncContext, frame: FrameType | None) -> bool:
        """Tell whether a cell makes the call, in the task that runs the cell."""
        # Of code without a root frame, a callback on uvloop for instance, the stack does not tell where it begins.
        return context.root() is not None and any(shell_of(each) is self._shell for each in context.frames(frame))


class _Extension:
    """What is loaded into one shell."""

    def __init__(self, shell: Any) -> None:
        self._magics: dict[str, Any] = shell.magics_manager.magics["line"]
        self._replaced = self._magics.get(_MAGIC)
        shell.register_magic_function(_async_safe, "line", _MAGIC)
        self._grant = _CellsGrant(shell)
        self._grant.open()

    def unload(self) -> None:
        self._grant.close()
        if self._magics.get(_MAGIC) is not _async_safe:  # the user has put another one in its place
            return
        if self._replaced is None:
            del self._magics[_MAGIC]
        else:
            self._magics[_MAGIC] = self._replaced


_extensions: dict[Any, _Extension] = {}


def _async_safe(line: str) -> None:
    """Show what a violation does, or set it for this process.

    ``%async_safe`` prints the policy in force and where it comes from. ``%async_safe warn`` sets it, and prints the
    same; it takes raise, warn, log and ignore.
    """
    from IPython.core.error import UsageError  # noqa: PLC0415 - only IPython calls this

    word = line.strip()
    try:
        if word:
            configure(policy=word)  # type: ignore[arg-type]  # configure() checks it
        print(f"policy   {in_force('policy')}")  # noqa: T201 - a magic command prints
    except ConfigurationError as error:
        raise UsageError(str(error)) from None


def _check(shell: object, function: str) -> None:
    """Raise where an object is no shell of IPython's."""
    kind = getattr(sys.modules.get("IPython.core.interactiveshell"), "InteractiveShell", None)
    if kind is None or not isinstance(shell, kind):
        msg = (
            f"{function} takes IPython's shell, not {type(shell).__name__}; "
            "in a notebook or IPython, write %load_ext ginger_async_safe"
        )
        raise TypeError(msg)
