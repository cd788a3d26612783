"""Put the check into a function's own code, so that a guarded call is one Python call and not two.

A wrapper costs a second Python call, which is more than the check itself. On CPython versions whose
code format this file supports, the check becomes the first lines of a copy of the function's code, as
if its author had written there::

    if probe() is not None:
        refuse(mark)

The three objects are constants of the new code, so no name can clash with the function's own. The
instructions come from the running interpreter's own compiler; this file itself only
adjusts the two tables that contain offsets (`Objects/locations.md` and
`InternalDocs/exception_handling.md` in CPython describe them; jumps are relative).
"""

from __future__ import annotations

import opcode
import sys
from functools import lru_cache
from types import FunctionType
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import CodeType

__all__ = ["KNOWN_FORMAT", "with_check", "with_code"]

KNOWN_FORMAT = (
    sys.implementation.name == "cpython"
    and (3, 11) <= sys.version_info < (3, 16)
    and "t" not in getattr(sys, "abiflags", "")  # free-threaded builds share constants between codes
)
"""Whether this interpreter's code objects have a format that this file supports."""

_UNIT = 2  # bytes an instruction or cache entry
_LONGEST_ENTRY = 8  # units that one entry of the line table can cover
_LENGTH = 0x07  # the bits of an entry's first byte that hold the number of units it covers, minus one
_LARGEST_INDEX = 0xFF  # beyond, an instruction needs another one as its prefix
_NO_LOCATION = 15
_LINE_ONLY = 13
_LOADS = {opcode.opmap.get(name) for name in ("LOAD_FAST", "LOAD_FAST_BORROW")}  # the latter from Python 3.14 on


def with_check(
    code: CodeType, probe: Callable[[], object | None], refuse: Callable[[Any], None], mark: object
) -> CodeType | None:
    """Return a copy of ``code`` that runs the check first, or ``None`` where that is not possible.

    Args:
        code: The code of a plain function, not of a generator or coroutine.
        probe: Called without arguments at each call; ``None`` allows the call.
        refuse: Called with ``mark`` where ``probe`` returns anything else.
        mark: The argument of ``refuse``.
    """
    first_constant = len(code.co_consts)
    if not KNOWN_FORMAT or first_constant + 2 > _LARGEST_INDEX:
        return None
    check, silent_units, stack = _compiled_check(first_constant)
    at = _after_resume(code.co_code)
    before, after = _split_lines(code.co_linetable, at // _UNIT)
    units = len(check) // _UNIT
    return code.replace(  # type: ignore[call-arg] # the exception table is there since Python 3.11
        co_code=code.co_code[:at] + check + code.co_code[at:],
        co_consts=(*code.co_consts, probe, refuse, mark),
        co_stacksize=max(code.co_stacksize, stack),
        co_linetable=before
        + _line_entries(silent_units, _NO_LOCATION)
        + _line_entries(units - silent_units, _LINE_ONLY)
        + after,
        co_exceptiontable=_moved_exceptions(code.co_exceptiontable, at // _UNIT, units),  # type: ignore[attr-defined]
    )


def _template(probe, refuse, mark, body):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    if probe() is not None:
        refuse(mark)
    body()


@lru_cache(maxsize=256)
def _compiled_check(first_constant: int) -> tuple[bytes, int, int]:
    """Return the check's instructions, the number of units at their start without a line, and their stack size.

    Only the call of ``refuse`` has a line (the function's first), for tracebacks; the check itself has none, so that
    tracers and debuggers do not stop in it.
    """
    code = _template.__code__
    starts: dict[int, int] = {}
    for start, _, line in code.co_lines():
        starts.setdefault((line or 0) - code.co_firstlineno, start)
    begin = _after_resume(code.co_code)
    instructions = bytearray(code.co_code[begin : starts[3]])
    for at in range(0, len(instructions), _UNIT):
        if instructions[at] in _LOADS:
            instructions[at] = opcode.opmap["LOAD_CONST"]
            instructions[at + 1] += first_constant
    return bytes(instructions), (starts[2] - begin) // _UNIT, code.co_stacksize


@lru_cache(maxsize=1)
def _resume() -> bytes:
    """Return the instruction after which a function's own lines begin, with its cache entry on Python 3.15."""
    code = _template.__code__
    first = next(start for start, _, line in code.co_lines() if line != code.co_firstlineno)
    return code.co_code[:first]


def _after_resume(instructions: bytes) -> int:
    """Return the offset after the instruction with which a function's own lines begin."""
    resume = _resume()
    return next(at for at in range(0, len(instructions), _UNIT) if instructions[at] == resume[0]) + len(resume)


def _split_lines(table: bytes, units: int) -> tuple[bytes, bytes]:
    """Split a line table after its first ``units`` code units.

    The entry that covers the last of them may cover more, as in ``def f(): pass``; then it is split in two. Both parts
    may be equal: the instructions up to RESUME are on the function's first line, so the entry's line delta is zero.
    """
    covered = at = start = 0
    while covered < units:
        start = at
        covered += (table[start] & _LENGTH) + 1
        at += 1
        while at < len(table) and not table[at] & 0x80:  # only the first byte of an entry has this bit
            at += 1
    if covered == units:
        return table[:at], table[at:]
    head, rest = table[start] & ~_LENGTH, table[start + 1 : at]
    longer = covered - units
    first = (table[start] & _LENGTH) - longer
    return table[:start] + bytes((head | first,)) + rest, bytes((head | longer - 1,)) + rest + table[at:]


def _line_entries(units: int, kind: int) -> bytes:
    entries = bytearray()
    while units:
        covered = min(units, _LONGEST_ENTRY)
        entries.append(0x80 | kind << 3 | covered - 1)
        if kind == _LINE_ONLY:
            entries.append(0)  # a line delta of zero
        units -= covered
    return bytes(entries)


def _moved_exceptions(table: bytes, at: int, units: int) -> bytes:
    """Move the ranges and targets of an exception table from offset ``at`` on by ``units``."""
    moved = bytearray()
    numbers = _numbers(table)
    for start, length, target, depth in zip(numbers, numbers, numbers, numbers, strict=True):
        begin, end, handler = (each + units * (each >= at) for each in (start, start + length, target))
        for position, number in enumerate((begin, end - begin, handler, depth)):
            moved += _encoded(number, first=position == 0)
    return bytes(moved)


def _numbers(table: bytes) -> Iterator[int]:
    number = 0
    for byte in table:
        number = number << 6 | byte & 0x3F
        if not byte & 0x40:
            yield number
            number = 0


def _encoded(number: int, *, first: bool) -> bytes:
    digits = [number & 0x3F]
    while number := number >> 6:
        digits.append(number & 0x3F | 0x40)
    digits.reverse()
    if first:
        digits[0] |= 0x80
    return bytes(digits)


def with_code(function: FunctionType, code: CodeType) -> FunctionType:
    """Return a function with this code, and with ``function``'s globals, defaults and closure.

    From Python 3.13 on, the interpreter specialises only calls of functions that ``MAKE_FUNCTION`` created and that have
    not been modified since; other calls cost about 20 ns more. So the function is created by that instruction there.
    """
    keyword_defaults = None if function.__kwdefaults__ is None else dict(function.__kwdefaults__)
    if sys.version_info < (3, 13):
        made = FunctionType(code, function.__globals__, function.__name__, function.__defaults__, function.__closure__)
        made.__kwdefaults__ = keyword_defaults
        return made
    parts = (function.__defaults__, keyword_defaults, function.__closure__)
    maker = _maker_code(tuple(part is not None for part in parts)).replace(co_consts=(code,))
    return cast("FunctionType", FunctionType(maker, function.__globals__)(*parts))


def _maker_template(defaults, keyword_defaults, closure):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202, ARG001
    return None


@lru_cache(maxsize=8)
def _maker_code(given: tuple[bool, ...]) -> CodeType:
    """Return code that takes defaults, keyword defaults and closure, and makes a function of its first constant.

    Args:
        given: Which of the three a function of this kind has.
    """
    flags = (0x01, 0x02, 0x08)  # of defaults, keyword defaults and closure, in SET_FUNCTION_ATTRIBUTE
    present = [index for index, is_given in enumerate(given) if is_given]
    steps = [
        *(("LOAD_FAST", index) for index in reversed(present)),
        ("LOAD_CONST", 0),
        ("MAKE_FUNCTION", 0),
        *(("SET_FUNCTION_ATTRIBUTE", flags[index]) for index in present),
        ("RETURN_VALUE", 0),
    ]
    instructions = _resume() + bytes(each for name, argument in steps for each in (opcode.opmap[name], argument))
    lines = _line_entries(len(instructions) // _UNIT, _LINE_ONLY)  # debuggers fail on code without lines
    return _maker_template.__code__.replace(co_code=instructions, co_stacksize=len(given) + 1, co_linetable=lines)
