"""Calls that read from files, or write to them, which they get open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ginger_async_safe.lint.domain.bases import UNKNOWN, Unknown
from ginger_async_safe.lint.domain.fixes import fix_of
from ginger_async_safe.lint.domain.scopes import Arguments

if TYPE_CHECKING:
    from ginger_async_safe.lint.domain.bases import Value
    from ginger_async_safe.lint.domain.external_calls import Call
    from ginger_async_safe.lint.interpreter.interpreter import Interpreter, Overlay


__all__ = ["OVERLAYS"]


def _of_file(**methods: int) -> Overlay:
    """Return an overlay for a call that calls methods of its arguments.

    Args:
        methods: The positions of the arguments, by method.
    """

    def handler(interpreter: Interpreter, call: Call) -> Value:
        with call.frame.fix_override(lambda: fix_of(call.node)):
            for method, position in methods.items():
                file = call.argument(position, _NAMES.get(call.name, {}).get(method, "fp"))
                if not isinstance(file, Unknown):
                    function = interpreter.attribute(file, method, call.node, call.frame)
                    interpreter.call(function, Arguments(is_complete=False), call.frame, call.node)
        return UNKNOWN

    return handler


_NAMES = {
    "shutil.copyfileobj": {"read": "fsrc", "write": "fdst"},
    "pickle.load": {"read": "file"},
    "pickle.dump": {"write": "file"},
    "marshal.load": {"read": "file"},
    "marshal.dump": {"write": "file"},
    "hashlib.file_digest": {"readinto": "fileobj"},
    "yaml.load": {"read": "stream"},
    "yaml.safe_load": {"read": "stream"},
    "yaml.dump": {"write": "stream"},
    "yaml.safe_dump": {"write": "stream"},
}
"""What the arguments are called, where it is not ``fp``."""

OVERLAYS: dict[str, Overlay] = {
    "shutil.copyfileobj": _of_file(read=0, write=1),
    **dict.fromkeys(
        (
            "json.load",
            "marshal.load",
            "pickle.load",
            "plistlib.load",
            "tomllib.load",
            "tomli.load",
            "yaml.load",
            "yaml.safe_load",
        ),
        _of_file(read=0),
    ),
    "hashlib.file_digest": _of_file(readinto=0),
    **dict.fromkeys(
        ("json.dump", "marshal.dump", "pickle.dump", "plistlib.dump", "yaml.dump", "yaml.safe_dump"),
        _of_file(write=1),
    ),
}
"""What certain calls do, by their dotted names."""
