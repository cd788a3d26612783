"""What a guarded call costs outside of any event loop, compared with other guards.

python benchmarks/guarded_call.py [--rounds N] [--json FILE] [--check]

Needs ginger-dj installed, for its decorator.

Four functions of each shape are called in turn within one run: one without a guard, one with GingerDJ's decorator, one
with a check written by hand in its first line, and one with ours. Each round measures the nanoseconds that each guard
adds to the call, and the ratios between them; the medians of the rounds are printed, and the medians of the six shapes,
for which there are limits. With ``PYTHON_JIT=1`` in the environment, a Python that has the JIT measures with it.
"""

from __future__ import annotations

import argparse
import gc
import json
import platform
import statistics
import sys
import time
import timeit
from asyncio import _get_running_loop
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gingerdj.utils.asyncio import async_unsafe as gingerdj_async_unsafe

from ginger_async_safe import SynchronousOnlyOperation, async_unsafe

if TYPE_CHECKING:
    from collections.abc import Callable

CALLS_A_TURN = 10_000
MOST_OF_GINGERDJ = 1 / 10
MOST_OF_BY_HAND = 1.1
MOST_FOR_DECORATING = 0.3  # seconds for 1,000 functions

# Each shape: the parameters, and how it is called. "self" makes it a method.
SHAPES = {
    "no arguments": ("", "()"),
    "2 positional": ("a, b", "(1, 2)"),
    "5 positional": ("a, b, c, d, e", "(1, 2, 3, 4, 5)"),
    "2 keywords": ("*, a, b", "(a=1, b=2)"),
    "method": ("self, a, b", "(1, 2)"),
    "method with defaults": ("self, a, b=2, *, c=3", "(1)"),
}
BY_HAND = "if _get_running_loop() is not None: raise SynchronousOnlyOperation"


@dataclass
class Result:
    """The medians for one shape: nanoseconds, and ratios of what is added to the call without a guard."""

    shape: str
    bare: float
    gingerdj_adds: float
    by_hand_adds: float
    ours_adds: float
    ours_to_gingerdj: float
    ours_to_by_hand: float


def main() -> int:
    """Measure, print, and return 1 if a limit is exceeded and ``--check`` is given."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=101, help="how many rounds (default: %(default)s)")
    parser.add_argument("--json", type=Path, help="also write the results there")
    parser.add_argument("--check", action="store_true", help="exit 1 where a limit is not held")
    options = parser.parse_args()
    results = [measure(shape, options.rounds) for shape in SHAPES]
    decorating = statistics.median(decorating_seconds() for _ in range(5))
    print_results(results, decorating)
    if options.json:
        machine = {"python": python(), "machine": platform.machine(), "rounds": options.rounds}
        text = json.dumps({**machine, "decorating_1000": decorating, "results": list(map(asdict, results))}, indent=2)
        options.json.write_text(text + "\n", encoding="utf-8")
    held = decorating < MOST_FOR_DECORATING and is_held(results)
    return 0 if held or not options.check else 1


def measure(shape: str, rounds: int) -> Result:
    """Call the four functions of one shape in turn."""
    parameters, arguments = SHAPES[shape]
    variants = {
        "bare": make(parameters, "pass", lambda function: function),
        "gingerdj": make(parameters, "pass", gingerdj_async_unsafe),
        "by_hand": make(parameters, BY_HAND, lambda function: function),
        "ours": make(parameters, "pass", async_unsafe),
    }
    timers = {name: timeit.Timer(f"f{arguments}", globals={"f": function}) for name, function in variants.items()}
    for timer in timers.values():
        timer.timeit(CALLS_A_TURN)  # the interpreter adapts to earlier calls
    added: dict[str, list[float]] = {name: [] for name in variants}
    names = list(variants)
    for turn in range(rounds):
        order = names[turn % len(names) :] + names[: turn % len(names)]
        times = {name: timers[name].timeit(CALLS_A_TURN) / CALLS_A_TURN * 1e9 for name in order}
        for name, nanoseconds in times.items():
            added[name].append(nanoseconds - (times["bare"] if name != "bare" else 0))
    return Result(
        shape,
        bare=statistics.median(added["bare"]),
        gingerdj_adds=statistics.median(added["gingerdj"]),
        by_hand_adds=statistics.median(added["by_hand"]),
        ours_adds=statistics.median(added["ours"]),
        ours_to_gingerdj=median_ratio(added["ours"], added["gingerdj"]),
        ours_to_by_hand=median_ratio(added["ours"], added["by_hand"]),
    )


def make(parameters: str, body: str, decorate: Callable[[Any], Any]) -> Callable[..., Any]:
    """Create a function, or a bound method, with these parameters and this first line."""
    names: dict[str, Any] = {}
    source = f"def f({parameters}):\n    {body}\n    return None\n"
    known = {"_get_running_loop": _get_running_loop, "SynchronousOnlyOperation": SynchronousOnlyOperation}
    exec(source, known, names)  # noqa: S102 - it was written above
    function: Callable[..., Any] = decorate(names["f"])
    return type("Shop", (), {"f": function})().f if parameters.startswith("self") else function


def median_ratio(ours: list[float], theirs: list[float]) -> float:
    """Return the median of the rounds' ratios, without rounds in which the other guard seems to add nothing."""
    return statistics.median(mine / other for mine, other in zip(ours, theirs, strict=True) if other > 0)


def decorating_seconds() -> float:
    """Return how long it takes to decorate 1,000 functions, each with code of its own."""
    source = "".join(f"def f{n}(self, a{n}, b=2, *, c=3): return a{n}\n" for n in range(1000))
    names: dict[str, Any] = {}
    exec(source, names)  # noqa: S102 - it was written above
    functions = [names[f"f{n}"] for n in range(1000)]
    gc.collect()
    start = time.perf_counter()
    for function in functions:
        async_unsafe(function)
    return time.perf_counter() - start


def medians(results: list[Result]) -> tuple[float, float]:
    """Return the medians of all shapes' ratios: ours to GingerDJ's, and ours to the check by hand."""
    return (
        statistics.median(each.ours_to_gingerdj for each in results),
        statistics.median(each.ours_to_by_hand for each in results),
    )


def is_held(results: list[Result]) -> bool:
    """Return whether the medians are within the limits."""
    to_gingerdj, to_by_hand = medians(results)
    return to_gingerdj <= MOST_OF_GINGERDJ and to_by_hand <= MOST_OF_BY_HAND


def python() -> str:
    """Return the version of Python, and whether its JIT is on."""
    jit = getattr(sys, "_jit", None)  # from Python 3.14 on
    name = f"{platform.python_implementation()} {platform.python_version()}"
    return f"{name} with the JIT" if jit is not None and jit.is_enabled() else name


def print_results(results: list[Result], decorating: float) -> None:
    """Print the results as a table."""
    print(f"{python()}, {platform.machine()}: ns added to the bare call")
    print(f"{'':22}{'bare':>8}{'GingerDJ':>10}{'by hand':>9}{'ours':>8}{'ours/GingerDJ':>15}{'ours/by hand':>14}")
    for each in results:
        print(
            f"{each.shape:22}{each.bare:8.1f}{each.gingerdj_adds:10.1f}{each.by_hand_adds:9.1f}{each.ours_adds:8.1f}"
            f"{'1/%.1f' % (1 / each.ours_to_gingerdj):>15}{each.ours_to_by_hand:14.2f}"
        )
    to_gingerdj, to_by_hand = medians(results)
    over = "" if is_held(results) else "   over a limit"
    print(f"{'median':57}{'1/%.1f' % (1 / to_gingerdj):>15}{to_by_hand:14.2f}{over}")
    print(f"decorating 1,000 functions: {decorating:.3f} s")
    print(f"limits: 1/{1 / MOST_OF_GINGERDJ:.0f} of GingerDJ, {MOST_OF_BY_HAND} of by hand, {MOST_FOR_DECORATING} s")


if __name__ == "__main__":
    sys.exit(main())
