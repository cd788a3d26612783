"""Printing the output of a command, and ending a command that is interrupted."""

from __future__ import annotations

import os
import signal
import sys

from ginger_async_safe.exceptions import ConfigurationError

__all__ = ["die_interrupted", "discard", "say", "show"]


def show(text: str) -> None:
    """Print a text, and flush it.

    Args:
        text: The text, with the end of its last line.

    Raises:
        BrokenPipeError: If the reader has closed the pipe.
        ConfigurationError: If it cannot be written for another reason.
    """
    try:
        print(_printable(text), end="", flush=True)
    except BrokenPipeError:
        raise
    except OSError as error:
        discard()
        msg = f"standard output cannot be written: {error.strerror}; redirect it to where it can be"
        raise ConfigurationError(msg) from error


def say(text: str) -> None:
    """Print a message of the program itself, on standard error."""
    print(f"ginger-async-safe: {text}", file=sys.stderr, flush=True)


def discard() -> None:
    """Redirect standard output to the null device, so that Python does not try to flush it again at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def die_interrupted() -> None:
    """End the process by SIGINT at once: deallocating a large analysis would take seconds."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.raise_signal(signal.SIGINT)


def _printable(text: str) -> str:
    """Return a text that standard output can encode: a console of Windows may lack the arrow."""
    encoding = sys.stdout.encoding or "utf-8"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return text.replace("→", "->").encode(encoding, "backslashreplace").decode(encoding)
    return text
