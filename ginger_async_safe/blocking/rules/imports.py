"""Rules of the check alone: imports while a loop runs."""

from __future__ import annotations

from ginger_async_safe.blocking.calls import BlockingCall

__all__ = ["IMPORTS", "OF_STATEMENTS"]

_REASON = "it reads files and runs the module, unless it is imported already"

OF_STATEMENTS = BlockingCall(
    "importlib.__import__",
    id="import",
    fix="the import at the top of the module, or await asyncio.to_thread(importlib.import_module, ...)",
    category="files",
    reason=_REASON,
    is_static=True,
)
"""The rule for ``import`` statements in functions; in force where the settings of the check have ``imports = true``."""

IMPORTS = (
    *(
        BlockingCall(
            target,
            id="importlib.import_module",
            fix="await asyncio.to_thread(importlib.import_module, ...)",
            category="files",
            reason=_REASON,
            is_static=True,
        )
        for target in ("importlib.import_module", "importlib.reload", "builtins.__import__")
    ),
    *(
        BlockingCall(
            f"runpy.{name}",
            id="runpy.run_module",
            category="files",
            reason="it reads files and runs the module",
            is_static=True,
        )
        for name in ("run_module", "run_path")
    ),
    OF_STATEMENTS,
)
