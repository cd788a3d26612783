"""Calls of SDKs whose result depends on their arguments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ginger_async_safe.lint.domain.bases import UNKNOWN
from ginger_async_safe.lint.domain.values import Constant, External, Instance
from ginger_async_safe.lint.knowledge.sdks import STREAMING

if TYPE_CHECKING:
    from ginger_async_safe.lint.domain.bases import Value
    from ginger_async_safe.lint.domain.external_calls import Call
    from ginger_async_safe.lint.interpreter.interpreter import Interpreter, Overlay


__all__ = ["OVERLAYS"]


def _answered(_: Interpreter, call: Call) -> Value:
    """Call a model, which gives a stream with ``stream=True``: each step of iterating over it waits."""
    is_streamed = call.arguments.get(-1, "stream")
    if isinstance(is_streamed, Constant) and is_streamed.value:
        return Instance(External(STREAMING[call.name]))
    return UNKNOWN


OVERLAYS: dict[str, Overlay] = dict.fromkeys(STREAMING, _answered)
"""What certain calls do, by their dotted names."""
