"""What a command prints, to its end or with a word about why not."""

from __future__ import annotations

import os
import signal
import sys

from ginger_async_safe.exceptions import ConfigurationError

__all__ = ["die_interrupted", "discard", "show"]


def show(text: str) -> None:
    """Print a text, all of it.

    Args:
        text: The text, with its last line's end.

    Raises:
        BrokenPipeError: Where whoever reads it has enough.
        ConfigurationError: Where it cannot be written.
    """
    try:
        print(_printable(text), end="", flush=True)
    except BrokenPipeError:
        raise
    except OSError as error:
        discard()
        msg = f"standard output cannot be written: {error.strerror}; print it where there is room"
        raise ConfigurationError(msg) from error


def discard() -> None:
    """Have what is still to be printed go nowhere, so that the end of the process does not try it again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def die_interrupted() -> None:
    """End the process as an interrupt does, at once: to take apart all that was read would take seconds."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.raise_signal(signal.SIGINT)


def _printable(text: str) -> str:
    """Return a text as standard output can have it: a console of Windows may know no arrows."""
    encoding = sys.stdout.encoding or "utf-8"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return text.replace("→", "->").encode(encoding, "backslashreplace").decode(encoding)
    return text
