"""The IPython extension: guarded calls are allowed in cells, and ``%async_safe`` shows and sets the policy.

``%load_ext ginger_async_safe`` loads it. A blocking call in a cell blocks the loop while its author waits for the cell
anyway. Guarded calls in tasks and callbacks that a cell starts are stopped as elsewhere: their delay goes unnoticed.
"""

# ruff: noqa: ANN401 - the shell is IPython's, which may not be installed

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from ginger_async_safe._config.patterns import Patterns
from ginger_async_safe.exceptions import ConfigurationError
from ginger_async_safe.policy import configure, effective_setting, grants
from ginger_async_safe.violation import shell_of

if TYPE_CHECKING:
    from types import FrameType

    from ginger_async_safe.detect import AsyncContext

__all__ = ["load_ipython_extension", "unload_ipython_extension"]

_MAGIC = "async_safe"


def load_ipython_extension(shell: Any) -> None:
    """Allow guarded calls in the cells of a shell, and register the magic command ``%async_safe``.

    IPython calls this for ``%load_ext ginger_async_safe``. Loading it again has no effect.

    Args:
        shell: IPython's shell.

    Raises:
        TypeError: Where ``shell`` is not an IPython shell.
    """
    _check(shell, "load_ipython_extension")
    if shell not in _extensions:
        _extensions[shell] = _Extension(shell)


def unload_ipython_extension(shell: Any) -> None:
    """Restore the shell's state before :func:`load_ipython_extension`.

    IPython calls this for ``%unload_ext ginger_async_safe``. The policy keeps its last value.

    Args:
        shell: IPython's shell.

    Raises:
        TypeError: Where ``shell`` is not an IPython shell.
    """
    _check(shell, "unload_ipython_extension")
    if shell in _extensions:
        _extensions.pop(shell).unload()


class _CellsGrant(grants.StandingGrant):
    """Allows guarded calls made by the cells of one shell.

    The only criterion is a cell's frame on the stack, so no state is left over by cells that fail, are interrupted, run
    other cells or run concurrently.
    """

    __slots__ = ("_shell",)

    def __init__(self, shell: Any) -> None:
        super().__init__("made by a cell of IPython", Patterns("*"))
        self._shell = shell

    def holds(self, context: AsyncContext, frame: FrameType | None) -> bool:
        """Return whether a cell makes the call, in the task that runs the cell."""
        # Without a root frame, as in a callback on uvloop, it is unknown where on the stack the callback begins.
        return context.root() is not None and any(shell_of(each) is self._shell for each in context.frames(frame))


class _Extension:
    """The extension's state for one shell."""

    def __init__(self, shell: Any) -> None:
        self._magics: dict[str, Any] = shell.magics_manager.magics["line"]
        self._replaced = self._magics.get(_MAGIC)
        shell.register_magic_function(_async_safe, "line", _MAGIC)
        self._grant = _CellsGrant(shell)
        self._grant.open()

    def unload(self) -> None:
        self._grant.close()
        if self._magics.get(_MAGIC) is not _async_safe:  # the user has replaced it
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
        print(f"policy   {effective_setting('policy')}")  # noqa: T201 - a magic command prints
    except ConfigurationError as error:
        raise UsageError(str(error)) from None


def _check(shell: object, function: str) -> None:
    """Raise a TypeError where an object is not an IPython shell."""
    kind = getattr(sys.modules.get("IPython.core.interactiveshell"), "InteractiveShell", None)
    if kind is None or not isinstance(shell, kind):
        msg = (
            f"{function} takes IPython's shell, not {type(shell).__name__}; "
            "in a notebook or IPython, write %load_ext ginger_async_safe"
        )
        raise TypeError(msg)
