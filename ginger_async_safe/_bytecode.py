"""Put the check into a function's own code, so that a guarded call is one call and not two.

A wrapper costs a second Python call, which is more than the check itself. On the CPythons whose
code format this file knows, the check becomes the first lines of a copy of the function's code, as
if its author had written there::

    if probe() is not None:
        refuse(mark)

The three objects are constants of the new code, so no name can clash with the function's own. The
instructions come from the running interpreter's own compiler; what this file does by hand is to
move the two tables that speak of offsets (`Objects/locations.md` and
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
    and (3, 11) <= sys.version_info < (3, 14)
    and "t" not in getattr(sys, "abiflags", "")  # free-threaded builds share constants between codes
)
"""Whether this interpreter's code objects are of the format that this file was written for."""

_UNIT = 2  # bytes an instruction or cache entry
_LONGEST_ENTRY = 8  # units that one entry of the line table can cover
_LENGTH = 0x07  # the bits of an entry's first byte that tell how many it covers, less one
_LARGEST_INDEX = 0xFF  # beyond, an instruction needs another one as its prefix
_NO_LOCATION = 15
_LINE_ONLY = 13


def with_check(
    code: CodeType, probe: Callable[[], object | None], refuse: Callable[[Any], None], mark: object
) -> CodeType | None:
    """Return a copy of ``code`` that runs the check first, or ``None`` where that cannot be done.

    Args:
        code: The code of a plain function, not of a generator or coroutine.
        probe: Called without arguments at each call; ``None`` lets the call pass.
        refuse: Called with ``mark`` where ``probe`` answers anything else.
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
    """Return the check's instructions, how many units of them no line is told for, and their stack.

    Only the call of ``refuse`` gets a line (the function's first), for tracebacks; a tracer or
    debugger sees nothing of the check itself.
    """
    code = _template.__code__
    starts: dict[int, int] = {}
    for start, _, line in code.co_lines():
        starts.setdefault((line or 0) - code.co_firstlineno, start)
    begin = _after_resume(code.co_code)
    instructions = bytearray(code.co_code[begin : starts[3]])
    for at in range(0, len(instructions), _UNIT):
        if instructions[at] == opcode.opmap["LOAD_FAST"]:
            instructions[at] = opcode.opmap["LOAD_CONST"]
            instructions[at + 1] += first_constant
    return bytes(instructions), (starts[2] - begin) // _UNIT, code.co_stacksize


def _after_resume(instructions: bytes) -> int:
    """Return the offset behind the instruction with which a function's own lines begin."""
    resume = opcode.opmap["RESUME"]
    return next(at for at in range(0, len(instructions), _UNIT) if instructions[at] == resume) + _UNIT


def _split_lines(table: bytes, units: int) -> tuple[bytes, bytes]:
    """Cut a line table behind its first ``units`` code units.

    The entry that covers the last of them may cover more, as in ``def f(): pass``; then it is cut in two. Both parts
    may say the same: the instructions up to RESUME are of the function's first line, so they move the line by nothing.
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
            entries.append(0)  # the line does not move
        units -= covered
    return bytes(entries)


def _moved_exceptions(table: bytes, at: int, units: int) -> bytes:
    """Move an exception table's ranges and targets behind ``at`` by ``units``."""
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
    """Return a function of this code, and of ``function``'s globals, defaults and closure.

    From Python 3.13 the interpreter specialises calls only of functions that the instruction ``MAKE_FUNCTION`` made
    and that nobody changed since; calls of others cost about 20 ns more. So there, that instruction makes it.
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
        ("RESUME", 0),
        *(("LOAD_FAST", index) for index in reversed(present)),
        ("LOAD_CONST", 0),
        ("MAKE_FUNCTION", 0),
        *(("SET_FUNCTION_ATTRIBUTE", flags[index]) for index in present),
        ("RETURN_VALUE", 0),
    ]
    instructions = bytes(each for name, argument in steps for each in (opcode.opmap[name], argument))
    lines = _line_entries(len(steps), _LINE_ONLY)  # debuggers cannot do with code that has none
    return _maker_template.__code__.replace(co_code=instructions, co_stacksize=len(given) + 1, co_linetable=lines)
