"""The check inside a function's own code, and the wrapper that stands in for it: nothing else of the function changes."""

from __future__ import annotations

import contextlib
import dis
import functools
import importlib.machinery
import sys
import sysconfig
import traceback
import types
from inspect import CO_ASYNC_GENERATOR, CO_COROUTINE, CO_GENERATOR, CO_NEWLOCALS
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from _guarding import called_in_task, listening, refusal_of
from _running import in_new_process
from hypothesis import given, settings
from hypothesis import strategies as st

from ginger_async_safe import async_unsafe, configure
from ginger_async_safe._decorators import bytecode, wrapper
from ginger_async_safe._decorators.bytecode import KNOWN_FORMAT, with_check

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

needs_known_format = pytest.mark.skipif(
    not KNOWN_FORMAT, reason="on this Python the check lives in a wrapper: its code format is not known to the library"
)

UNIT = 2  # bytes for an instruction or a cache entry


@pytest.fixture(params=[pytest.param("own code", marks=needs_known_format), "wrapper"])
def _place(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run a test with the check in the function's own code, and with a wrapper."""
    monkeypatch.setattr(bytecode, "KNOWN_FORMAT", request.param == "own code")


# -- The structure of the code


def functions_of(code: types.CodeType) -> Iterator[types.CodeType]:
    """Yield the code of all plain functions inside a module's code."""
    for each in code.co_consts:
        if isinstance(each, types.CodeType):
            if each.co_flags & CO_NEWLOCALS and not each.co_flags & (CO_GENERATOR | CO_COROUTINE | CO_ASYNC_GENERATOR):
                yield each
            yield from functions_of(each)


def functions_of_the_standard_library() -> list[types.CodeType]:
    """Return the code of every function in the standard library's modules, packages left out."""
    found: list[types.CodeType] = []
    for path in sorted(Path(sysconfig.get_path("stdlib")).glob("*.py")):
        if not path.exists():  # Debian's sitecustomize.py links to a file that may not be installed
            continue
        module = importlib.machinery.SourceFileLoader(path.stem, str(path)).get_code(path.stem)
        if module is not None:
            found += functions_of(module)
    return found


def start_of(code: types.CodeType) -> int:
    """Return the offset of the instruction after RESUME, which may have a cache entry."""
    instructions = dis.get_instructions(code)
    next(each for each in instructions if each.opname == "RESUME")
    return next(instructions).offset


def assert_only_moved(code: Any, checked: Any) -> None:
    """Check that all of a function's code is still there, moved behind the check and otherwise unchanged."""
    parse_exceptions: Any = getattr(dis, "_parse_exception_table")  # noqa: B009 - missing on older Pythons
    start, length = start_of(code), len(checked.co_code) - len(code.co_code)

    def moved(offset: int) -> int:
        return offset + length * (offset >= start)

    assert code.co_code == checked.co_code[:start] + checked.co_code[start + length :]
    assert {*map(moved, dis.findlabels(code.co_code)), start + length} == {*dis.findlabels(checked.co_code)}
    positions = list(checked.co_positions())
    check = slice(start // UNIT, (start + length) // UNIT)
    assert {code.co_firstlineno, None} == {line for line, *_ in positions[check]}
    del positions[check]
    assert list(code.co_positions()) == positions
    assert [
        (moved(entry.start), moved(entry.end), moved(entry.target), entry.depth, entry.lasti)
        for entry in parse_exceptions(code)
    ] == [tuple(entry) for entry in parse_exceptions(checked)]
    assert code.co_consts == checked.co_consts[:-3]
    assert code.co_stacksize <= checked.co_stacksize
    for name in UNCHANGED:
        assert getattr(code, f"co_{name}") == getattr(checked, f"co_{name}")


UNCHANGED = (
    *("argcount", "posonlyargcount", "kwonlyargcount", "nlocals", "flags", "names", "varnames", "freevars", "cellvars"),
    *("filename", "name", "qualname", "firstlineno"),
)


@needs_known_format
def test_every_function_of_the_standard_library(monkeypatch: pytest.MonkeyPatch) -> None:
    """In every function, all instructions, jumps, exception handlers and lines are unchanged, except for the check."""
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    codes = functions_of_the_standard_library()
    assert len(codes) > 5000
    for code in codes:
        checked = with_check(code, lambda: None, print, "mark")
        assert (checked is None) == (len(code.co_consts) > 253)
        if checked is not None:
            assert_only_moved(code, checked)


@needs_known_format
def test_code_without_columns() -> None:
    """The same is true for code whose line table has no columns, as under ``-X no_debug_ranges``."""
    source = """
        import json
        from test_bytecode import assert_only_moved, functions_of, with_check
        from pathlib import Path

        texts = [Path(each.__file__).read_text() for each in map(__import__, ("argparse", "ast", "locale"))]
        texts.append("def a(): pass")
        texts.append("b = lambda: None")
        texts.append("def c(): 'doc'")
        codes = [each for text in texts for each in functions_of(compile(text, "file", "exec"))]
        for code in codes:
            assert_only_moved(code, with_check(code, lambda: None, print, "mark"))
        print(json.dumps(len(codes)))
    """
    assert in_new_process(source, "-X", "no_debug_ranges") > 200


# -- What functions do


class Resource:
    """A context manager that records what happened."""

    def __init__(self, log: list[object]) -> None:
        self.log = log

    def __enter__(self) -> list[object]:
        self.log.append("enter")
        return self.log

    def __exit__(self, kind: object, error: object, place: object) -> bool:
        self.log.append(kind)
        return kind is KeyError


def handles_errors(value: object) -> list[object]:
    """Go through try, except, else and finally."""
    log: list[object] = []
    for each in (value, 0, "a", None):
        try:
            log.append(1 / each)  # type: ignore[operator]
        except ZeroDivisionError:  # noqa: PERF203 - this is what is tested
            log.append("zero")
            continue
        except TypeError as error:
            log.append(type(error))
            try:
                raise LookupError from error  # noqa: TRY301 - handlers are what is tested
            except LookupError as other:
                log.append(type(other.__cause__))
        else:
            log.append("else")
        finally:
            log.append("finally")
    return log


def returns_from_finally(value: int) -> object:
    """Leave a loop through several blocks."""
    log: list[object] = []
    while True:
        try:
            with Resource(log), Resource(log):
                if value > 1:
                    raise KeyError
                if value:
                    return log
                break
        finally:
            log.append("finally")
            value -= 1
    return [log]


def raises(value: int) -> object:
    """Raise at some depth."""
    try:
        return [each / value for each in range(3)]
    except ZeroDivisionError:
        with contextlib.suppress(KeyError):
            return {"other": value}["missing"]
        raise


def deep(value: int) -> list[object]:
    """Nest handlers as deeply as the compiler allows."""
    log: list[object] = []
    try:
        try:
            try:
                with Resource(log):
                    for _ in range(2):
                        try:
                            with Resource(log):
                                try:
                                    [][value]
                                finally:
                                    log.append(1)
                        except (ValueError, IndexError) as error:  # noqa: PERF203 - this is what is tested
                            log.append(type(error))
                            raise ValueError from error
            finally:
                log.append(2)
        except ValueError as error:
            log.append(type(error.__context__))
            raise KeyError(value) from None
    except KeyError as error:
        log.append(error.args)
    return log


def loops(value: int) -> list[object]:
    """Loop with break, continue and else."""
    log: list[object] = []
    while value > 0:
        value -= 1
        if value == 2:
            continue
        for each in range(value):
            if each == 3:
                break
            log.append(each)
        else:
            log.append("else")
    log.append("done")
    return log


def comprehends(value: int) -> object:
    """Comprehend lists, sets, dicts and generators, nested."""
    squares = {each: each**2 for each in range(value)}
    nested = [[column + row for column in range(row) if column != value] for row in range(value)]
    return squares, nested, {each % 3 for each in squares}, sum(each for row in nested for each in row)


def encloses(value: int) -> object:
    """Share variables with inner functions, classes and generators."""
    total = value

    def add(number: int = value) -> int:
        nonlocal total
        total += number
        return total

    class Inner:
        number = value

        def get(self) -> int:
            return total + self.number

    def generate() -> Iterator[int]:
        yield from (total, add(), total)

    return add(), add(1), Inner().get(), list(generate()), [each + total for each in [1]], total


def matches(value: object) -> object:
    """Match literals, sequences, mappings and classes."""
    results: list[object] = []
    for each in (value, [1, value], {"key": value, "more": 1}, ("a", "b", "c"), Resource([value]), None):
        match each:
            case 1 | 2:
                results.append("small")
            case [first, *rest] if rest:
                results.append((first, rest))
            case {"key": found, **more}:
                results.append((found, more))
            case Resource(log=[inner]):
                results.append(inner)
            case None:
                results.append(None)
            case _:
                results.append("other")
    return results


def unpacks(value: int) -> object:
    """Unpack, format, compare and assign in expressions."""
    first, *middle, last = range(value + 3)
    text = f"{first!r:>3}{last:03d}{middle}"
    if (length := len(text)) > 3 and 0 <= first < last != length:
        text += str({"a": 1, "b": [*middle, last]})
    del first
    return text, length


def docstring_only(value: int) -> None:
    """Do nothing."""


def starts_with_a_loop(value: int) -> int:  # noqa: D103 - with a docstring it would not
    while value > 3:
        value -= 1
    return value


def starts_with_try(value: int) -> float:  # noqa: D103 - with a docstring it would not
    try:
        return 1 / value
    except ZeroDivisionError:
        return 0


def imports(value: int) -> object:
    """Import, and use globals and builtins."""
    import colorsys  # noqa: PLC0415
    from math import floor, sqrt  # noqa: PLC0415

    global _counted  # noqa: PLW0603
    _counted = value
    return floor(sqrt(value)), colorsys.__name__, _counted, UNIT, len([value])


_counted = 0


def varied(first: int, /, second: int = 2, *rest: int, third: int, fourth: int = 4, **more: int) -> object:
    """Take arguments of every kind, some of them shared with an inner function."""

    def inner() -> object:
        return second, third, more

    return first, rest, fourth, inner()


def _compiled(source: str) -> Any:
    """Return the function that some source code makes."""
    names: dict[str, Any] = {}
    exec(source, names)
    return next(each for each in names.values() if isinstance(each, types.FunctionType))


one_line = _compiled("def one_line(value): return [value]")
one_line_pass = _compiled("def one_line_pass(value): pass")
exception_groups = (
    _compiled(
        """
def exception_groups(value):
    log = []
    try:
        try:
            raise ExceptionGroup("group", [ValueError(value), TypeError(), KeyError()])
        except* ValueError as group:
            log.append(group.exceptions[0].args)
        except* TypeError:
            log.append("type")
    except ExceptionGroup as group:
        log.append(repr(group))
    return log
"""
    )
    if sys.version_info >= (3, 11)
    else one_line
)
many_cells = _compiled(
    "def many_cells(value):\n"
    + "".join(f"    a{each} = value + {each}\n" for each in range(60))
    + f"    return (lambda: [{', '.join(f'a{each}' for each in range(60))}])()"
)
long = _compiled(  # its jumps and its exception table need the longer forms
    "def long(value):\n    log = []\n    for each in range(3):\n"
    + "".join(
        f"        try:\n            log.append({each % 50} // (each - {each % 3} + value))\n"
        f"        except ZeroDivisionError:\n            log.append(each)\n            if value > 5: continue\n"
        for each in range(400)
    )
    + "    return log"
)

FUNCTIONS = [
    *(handles_errors, returns_from_finally, raises, deep, loops, comprehends, encloses, matches, unpacks),
    *(docstring_only, starts_with_a_loop, starts_with_try, imports, one_line, one_line_pass, exception_groups),
    *(many_cells, long, varied),
]


KEYWORDS: dict[object, dict[str, int]] = {varied: {"third": 3, "fifth": 5}}
"""Arguments that a function needs beside its first one."""


def _outcome(function: Callable[..., object], /, *arguments: object, **keywords: object) -> tuple[str, object]:
    """Return what a call returns, or the type and the message of its error."""
    try:
        return "returned", repr(function(*arguments, **keywords))
    except Exception as error:  # noqa: BLE001 - any error is the outcome
        return type(error).__name__, str(error)


@pytest.mark.usefixtures("_place")
@pytest.mark.parametrize("value", [0, 1, 2, 5, 9, -3, "text"])
@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.__name__)
def test_same_outcome(function: Callable[..., object], value: object) -> None:
    """A guarded function does the same as before: outside a loop, and on one where the call is allowed."""
    keywords = KEYWORDS.get(function, {})
    expected = _outcome(function, value, **keywords)
    guarded = async_unsafe(function)
    assert expected == _outcome(guarded, value, **keywords)
    configure(policy="ignore")
    with listening() as heard:
        assert expected == called_in_task(_outcome, guarded, value, **keywords)
    assert 1 == len(heard)
    configure(policy="raise")
    assert "SynchronousOnlyOperation" == called_in_task(_outcome, guarded, value, **keywords)[0]


@needs_known_format
@pytest.mark.skipif(not hasattr(sys, "_jit"), reason="this Python has no JIT")
@pytest.mark.parametrize("jit", ["0", "1"])
def test_same_outcome_when_hot(jit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It does so after thousands of calls, too, with and without the JIT; a loop that starts then is still noticed."""
    source = """
        import asyncio
        import json

        from test_bytecode import FUNCTIONS, KEYWORDS, _outcome, async_unsafe

        async def outcome_on_loop(function, keywords):
            return _outcome(function, 2, **keywords)[0]

        wrong = []
        for function in FUNCTIONS:
            guarded, keywords = async_unsafe(function), KEYWORDS.get(function, {})
            expected = _outcome(function, 2, **keywords)
            times = 20 if function.__name__ == "long" else 5_000
            outcomes = {_outcome(guarded, 2, **keywords) for _ in range(times)}
            refused = asyncio.run(outcome_on_loop(guarded, keywords))
            if outcomes != {expected} or refused != "SynchronousOnlyOperation":
                wrong.append([function.__name__, sorted(outcomes), refused])
        print(json.dumps([wrong, bool(__import__("sys")._jit.is_enabled())]))
    """
    monkeypatch.setenv("PYTHON_JIT", jit)
    wrong, is_enabled = in_new_process(source)
    assert [] == wrong
    compiler: Any = getattr(sys, "_jit")  # noqa: B009 - missing on older Pythons
    assert is_enabled == (jit == "1" and compiler.is_available())


# -- Where the check is


@pytest.mark.parametrize("count", [1, 250, 251, 252, 253, 254, 255, 256, 257, 300, 1000])
def test_many_constants(count: int) -> None:
    """A function may have any number of constants; with more than 253 the check is in a wrapper."""
    numbers = [each + 0.5 for each in range(count)]
    function = _compiled(f"def example(a=1): return {' + '.join(map(str, numbers))} + a".replace(" + a", " * a", 1))
    guarded: Any = async_unsafe(function)
    assert function() == guarded()
    refusal_of(guarded)
    constants = len(function.__code__.co_consts)
    expected = function.__code__.co_filename if KNOWN_FORMAT and constants <= 253 else wrapper.FILE
    assert expected == guarded.__code__.co_filename


def test_newer_python() -> None:
    """On a Python newer than the newest known bytecode format, the check is in a wrapper, and works."""
    source = """
        import asyncio
        import json
        import sys

        import asgiref.sync

        sys.version_info = (3, 16, 0, "alpha", 0)

        from ginger_async_safe import SynchronousOnlyOperation, async_unsafe

        @async_unsafe
        def add(a, b=2):
            return a + b

        async def refused():
            try:
                add(1)
            except SynchronousOnlyOperation:
                return True

        print(json.dumps([add.__code__.co_filename, add(1), asyncio.run(refused())]))
    """
    assert [wrapper.FILE, 3, True] == in_new_process(source)


@needs_known_format
def test_shares_globals_and_closure() -> None:
    """A function with a check in its own code keeps its globals, its builtins and its closure."""
    shared = [1]

    def example() -> list[int]:
        return shared

    guarded: Any = async_unsafe(example)
    names = ("__globals__", "__closure__", "__builtins__")
    assert [getattr(example, each) for each in names] == [getattr(guarded, each) for each in names]
    assert guarded() is shared


def test_generated_parameter_names() -> None:
    """A function whose parameters have names that no source could have is guarded nevertheless."""
    (inner,) = (
        each for each in compile("[(each for each in ())]", "", "exec").co_consts if isinstance(each, types.CodeType)
    )
    function = types.FunctionType(inner.replace(co_flags=inner.co_flags & ~CO_GENERATOR), {})
    assert (".0",) == inner.co_varnames[:1]
    assert callable(async_unsafe(function))


# -- Tracebacks, debuggers and coverage


def made_on_two_lines(value: int) -> int:
    """Have a line of its own."""
    return value


def _lines_of_a_trace(function: Callable[..., object], keywords: dict[str, int]) -> list[tuple[str, int]]:
    """Return the events that a debugger gets for a call, with their lines in the function's file."""
    file = getattr(function, "__wrapped__", function).__code__.co_filename
    events: list[tuple[str, int]] = []

    def trace(frame: types.FrameType, event: str, argument: object) -> Any:
        if frame.f_code.co_filename != file or frame.f_code is _outcome.__code__:
            return None
        events.append((event, frame.f_lineno))
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        _outcome(function, 2, **keywords)
    finally:
        sys.settrace(before)
    return events


@needs_known_format
@pytest.mark.parametrize(
    "function",
    [*FUNCTIONS, made_on_two_lines, _compiled("example = lambda value: value")],
    ids=lambda each: each.__name__,
)
def test_tracing_sees_no_check(function: Callable[..., object]) -> None:
    """A debugger or coverage tool gets the same events on the same lines, with the check and without."""
    keywords = KEYWORDS.get(function, {})
    assert _lines_of_a_trace(function, keywords) == _lines_of_a_trace(async_unsafe(function), keywords)


@needs_known_format
@pytest.mark.skipif(sys.version_info < (3, 12), reason="sys.monitoring came with Python 3.12")
@pytest.mark.parametrize("function", [*FUNCTIONS, made_on_two_lines], ids=lambda function: function.__name__)
def test_monitoring_sees_no_check(function: Callable[..., object]) -> None:
    """A tool of ``sys.monitoring`` does, too, except that from 3.13 on it also gets the line of ``def f(): pass``."""
    monitoring: Any = getattr(sys, "monitoring")  # noqa: B009 - missing on older Pythons
    tool = next(each for each in range(6) if monitoring.get_tool(each) is None)  # coverage may measure this very test

    def lines(called: Any) -> list[int]:
        seen: list[int] = []
        monitoring.use_tool_id(tool, "test")
        try:
            monitoring.register_callback(tool, monitoring.events.LINE, lambda code, line: seen.append(line))
            monitoring.set_local_events(tool, called.__code__, monitoring.events.LINE)
            _outcome(called, 2, **KEYWORDS.get(function, {}))
        finally:
            monitoring.set_local_events(tool, called.__code__, 0)
            monitoring.free_tool_id(tool)
        return seen

    expected = lines(function) or [function.__code__.co_firstlineno]
    assert expected == lines(async_unsafe(function))


def _frames_of(error: BaseException) -> list[tuple[str, str, int | None]]:
    return [(Path(each.filename).name, each.name, each.lineno) for each in traceback.extract_tb(error.__traceback__)]


@needs_known_format
def test_traceback_of_a_refusal() -> None:
    """The traceback of a stopped call goes through the function's own file, at its first line."""
    guarded = async_unsafe(made_on_two_lines)
    frames = _frames_of(refusal_of(guarded, 1))
    assert ("test_bytecode.py", "made_on_two_lines", made_on_two_lines.__code__.co_firstlineno) == frames[-2]
    assert ("policy.py", "enforce") == frames[-1][:2]


def test_traceback_of_a_refusal_by_a_wrapper(monkeypatch: pytest.MonkeyPatch) -> None:
    """If the check is in a wrapper, the traceback says that it is a guard."""
    monkeypatch.setattr(bytecode, "KNOWN_FORMAT", False)
    frames = _frames_of(refusal_of(async_unsafe(made_on_two_lines), 1))
    assert wrapper.FILE == frames[-2][0]


@pytest.mark.usefixtures("_place")
def test_traceback_of_an_error() -> None:
    """The traceback of an error in the function has the line that raised it."""

    def fail() -> None:
        number = 0
        1 / number

    with pytest.raises(ZeroDivisionError) as raised:
        async_unsafe(fail)()
    line = fail.__code__.co_firstlineno + 2
    assert ("test_bytecode.py", "fail", line) == _frames_of(raised.value)[-1]


# -- Any signature, any arguments


NAMES = ("a", "b", "c", "probe", "refuse", "mark", "function", "self", "args", "kwargs", "probe_", "wrapper", "make")


@st.composite
def signatures(draw: st.DrawFn) -> str:
    """Draw the parameters of a function, as source code."""
    names = draw(st.lists(st.sampled_from(NAMES), unique=True, max_size=7))
    left = iter(names)
    positional = list(islice(left, draw(st.integers(0, len(names)))))
    only = draw(st.integers(0, len(positional)))
    first_default = draw(st.integers(0, len(positional)))
    declared = [f"{name}={each}" if each >= first_default else name for each, name in enumerate(positional)]
    if only:
        declared.insert(only, "/")
    rest = next(left, None) if draw(st.booleans()) else None
    keywords = next(left, None) if draw(st.booleans()) else None
    keyword_only = [f"{name}=10" if draw(st.booleans()) else name for name in left]
    if rest or keyword_only:
        declared.append(f"*{rest or ''}")
    declared += keyword_only
    if keywords:
        declared.append(f"**{keywords}")
    return f"def example({', '.join(declared)}): return [{', '.join(names)}]"


@settings(deadline=None, max_examples=200, database=None)
@given(
    source=signatures(),
    calls=st.lists(
        st.tuples(
            st.lists(st.integers(), max_size=6),
            st.dictionaries(st.sampled_from((*NAMES, "other")), st.integers(), max_size=4),
        ),
        min_size=1,
        max_size=5,
    ),
)
def test_any_signature(source: str, calls: list[tuple[list[int], dict[str, int]]]) -> None:
    """For any signature and any arguments, the result is the same, or the error and its message are."""
    function = _compiled(source)
    guarded = async_unsafe(function)
    in_wrapper = functools.update_wrapper(wrapper.wrapper_of(function, print, "mark"), function)
    for arguments, keywords in calls:
        expected = _outcome(function, *arguments, **keywords)
        assert expected == _outcome(guarded, *arguments, **keywords)
        assert expected == _outcome(in_wrapper, *arguments, **keywords)
