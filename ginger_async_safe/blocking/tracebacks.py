"""Source files that the interpreter itself opens, in C, to show lines of an uncaught error.

``sys.__excepthook__`` does so up to Python 3.12, the printing of "Exception ignored in" in all versions, and from 3.14
on ``compile`` for a syntax error.
"""

from __future__ import annotations

import os
import sys
import threading
from typing import TYPE_CHECKING

from ginger_async_safe._runtime.frames import instruction_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import CodeType, FrameType

    from ginger_async_safe.blocking.calls import BlockingCall

__all__ = ["shows_source"]

_OPENING = frozenset({"FileIO", "fdopen", "open", "open_code"})


class _Shown(threading.local):
    """The instruction at which a thread has last opened a source file to show it; reads there are of that file."""

    at: tuple[CodeType, int] | None = None


_shown = _Shown()


def shows_source(rule: BlockingCall, arguments: Sequence[object], caller: FrameType) -> bool:
    """Return whether the interpreter opens or reads a file to show a line of an error.

    Args:
        rule: The rule that covers the call.
        arguments: The call's arguments.
        caller: The innermost frame; code in C has none.
    """
    if rule.id == "file.read":
        return _shown.at is not None and _shown.at == (caller.f_code, caller.f_lasti)
    if rule.id != "file.open" or not _is_source(*arguments[:2]) or _opens_itself(caller):
        return False
    _shown.at = (caller.f_code, caller.f_lasti)
    return True


def _is_source(path: object = None, mode: object = None) -> bool:
    """Return whether a source file is opened as the interpreter does; if it does not find the file, by its name alone."""
    if type(path) is not str or mode not in {"r", "rb"}:
        return False
    program = getattr(sys.modules.get("__main__"), "__file__", None) or "main.py"
    return path.endswith((".py", ".pyw", os.sep + os.path.split(program)[1])) or path.startswith("<")


def _opens_itself(frame: FrameType) -> bool:
    """Return whether a frame may be calling a function that opens a file, judging by the names in its code."""
    return not _OPENING.isdisjoint(frame.f_code.co_names) and instruction_of(frame).startswith(("CALL", "PRECALL"))
