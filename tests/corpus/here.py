"""One scenario in this process: it is prepared, then run on a loop under a guard."""

from __future__ import annotations

import asyncio
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

from corpus.engines import ENGINES
from corpus.scenario import cleanup, find

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from corpus.engines import Engine
    from corpus.scenario import Run

    Loop = Callable[[Callable[[], Coroutine[Any, Any, None]]], None]

__all__ = ["run_here"]


def run_here(name: str, loop: str, engine_name: str) -> dict[str, Any]:
    """Run one scenario in this process and return its result.

    Args:
        name: The scenario, as ``"sleeping.time_sleep"``.
        loop: ``"asyncio"``, ``"uvloop"`` or ``"trio"``.
        engine_name: One of ``ENGINES``.

    Returns:
        The outcome (``ok``, ``stopped`` or ``error``), the reports, whether the blocking call ran, and the error.
    """
    scenario = find(name)
    on_loop = _runner(loop)
    engine = ENGINES[engine_name]()
    with cleanup:
        run = scenario.prepare()
        return _outcome(engine, loop, on_loop, run)


def _outcome(engine: Engine, loop: str, on_loop: Loop, run: Run) -> dict[str, Any]:
    result: list[object] = []
    stray: list[BaseException] = []  # errors that no code catches
    raised: list[BaseException] = []

    async def main() -> None:
        if loop != "trio":
            handler = asyncio.get_running_loop()
            handler.set_exception_handler(lambda _, context: _keep(stray, context.get("exception")))
        await engine.on_loop(loop)
        try:
            result.append(await run())
        except Exception as error:  # noqa: BLE001 - any error is the outcome
            raised.append(error)
        await engine.off_loop(loop)

    unraisable, sys.unraisablehook = sys.unraisablehook, lambda hook: _keep(stray, hook.exc_value)
    try:
        with engine.switched_on():
            on_loop(main)
    except Exception as error:  # noqa: BLE001 - any error is the outcome
        raised.append(error)
    finally:
        sys.unraisablehook = unraisable
    collected = [engine.collect(error) for error in (*raised, *stray)]
    ran = bool(result) and result[0] is not False
    others = [error for error, was_report in zip((*raised, *stray), collected, strict=True) if not was_report]
    stopped = bool(engine.reports) and not ran
    outcome = "stopped" if stopped else "ok" if ran and not others else "error"
    why = f"{type(others[0]).__name__}: {others[0]}" if others else "it did not run" if outcome == "error" else None
    return {"outcome": outcome, "reports": engine.reports, "ran": ran, "error": why}


def _keep(errors: list[BaseException], error: BaseException | None) -> None:
    if error is not None:
        errors.append(error)


def _runner(loop: str) -> Loop:
    library = import_module(loop)
    return library.run if loop == "trio" else lambda main: library.run(main())
