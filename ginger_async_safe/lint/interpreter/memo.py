"""Memos: what is found out about a program once, with the modules that it depends on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from typing_extensions import TypeVarTuple, Unpack

    from ginger_async_safe.lint.domain.frames import Frame
    from ginger_async_safe.lint.interpreter.recursion import Recursion

    Parameters = TypeVarTuple("Parameters")  # here, since importing this at run time takes as long as checking a file

__all__ = ["Memo", "RecursiveMemo"]

Key = TypeVar("Key")
Found = TypeVar("Found")


class Memo(Generic[Key, Found]):
    """What is found out once for each key.

    Args:
        meanwhile: Returns the preliminary value of a key, which is used while the final one is being found out and needs
            itself, and the modules that it depends on, as bits.
    """

    __slots__ = ("_being_found", "_known", "_meanwhile")

    def __init__(self, meanwhile: Callable[[Key], tuple[Found, int]]) -> None:
        self._known: dict[Key, tuple[Found, int]] = {}
        self._meanwhile = meanwhile
        self._being_found = 0

    @property
    def is_at_rest(self) -> bool:
        """Whether nothing is being found out."""
        return not self._being_found

    def __contains__(self, key: Key) -> bool:
        """Whether it is known for a key, or is being found out."""
        return key in self._known

    def of(
        self,
        key: Key,
        frame: Frame,
        find: Callable[[Unpack[Parameters]], tuple[Found, int]],
        *args: Unpack[Parameters],
    ) -> Found:
        """Return what is known for a key, after finding it out the first time.

        Args:
            key: The key.
            frame: The current frame, which then depends on the same modules.
            find: Finds it out, and returns the modules that it depends on too, as bits.
            args: Its arguments. They are given here since making a closure would take longer than all else.
        """
        known = self._known.get(key)
        if known is None:
            self._known[key] = self._meanwhile(key)
            self._being_found += 1
            try:
                known = self._known[key] = find(*args)
            finally:
                self._being_found -= 1
        frame.depend_on(known[1])
        return known[0]

    def forget(self) -> None:
        """Forget everything."""
        self._known.clear()


class RecursiveMemo(Generic[Key, Found]):
    """What is found out once for each key by evaluating functions, which may need what is being found out.

    What depends on something that is still being found out is provisional, as the results of such functions are. It is kept
    until the outermost evaluation that it depends on is done, longer than these results: a circle of names and attributes
    shows little more when it is entered elsewhere, and finding it out each time takes several times as long.

    Args:
        recursion: The evaluations that are under way.
        meanwhile: Returns the preliminary value of a key, which is used while the final one is being found out and needs
            itself, and the modules that it depends on, as bits.
        keeps: Returns of a key whether what depends on something that is still being found out is kept all the same: where
            finding it out again would cost more than it would show. Its second argument says whether it may depend on the
            outermost evaluation, as all does that a limit cut short. If it is not given, nothing is kept.
    """

    __slots__ = ("_keeps", "_known", "_meanwhile", "_provisional", "_recursion")

    def __init__(
        self,
        recursion: Recursion,
        meanwhile: Callable[[Key], tuple[Found, int]],
        *,
        keeps: Callable[[Key, bool], bool] = lambda _, __: False,
    ) -> None:
        self._keeps = keeps
        self._known: dict[Key, tuple[Found, int]] = {}
        self._meanwhile = meanwhile
        self._provisional: dict[Key, tuple[tuple[Found, int], int]] = {}
        self._recursion = recursion

    def __contains__(self, key: Key) -> bool:
        """Whether it is known for a key, or is being found out."""
        return key in self._known or key in self._provisional or self._recursion.has_part((self, key))

    def of(
        self,
        key: Key,
        frame: Frame,
        find: Callable[[Unpack[Parameters]], tuple[Found, int]],
        *args: Unpack[Parameters],
        is_enough: Callable[[Found], bool] | None = None,
    ) -> Found:
        """Return what is known for a key, after finding it out the first time.

        Args:
            key: The key.
            frame: The current frame, which then depends on the same modules.
            find: Finds it out, and returns the modules that it depends on too, as bits.
            args: Its arguments; see :meth:`Memo.of`.
            is_enough: Returns whether its preliminary value is what it will be, as far as the
                current evaluation needs it, so that this does not depend on the rest.
        """
        known = self._known.get(key)
        if known is None:
            known = self._open(key, is_enough)
        if known is None:
            recursion = self._recursion
            recursion.begin_part((self, key))
            try:
                known = find(*args)
            finally:
                depths = recursion.end_part()
            if not depths or self._keeps(key, bool(depths & 1)):
                self._known[key] = known
            else:
                recursion.keep(self._provisional, key, known, depths & -depths)  # until the outermost one is done
        frame.depend_on(known[1])
        return known[0]

    def _open(self, key: Key, is_enough: Callable[[Found], bool] | None) -> tuple[Found, int] | None:
        """Return what is provisional for a key, or its preliminary value; ``None`` if neither is."""
        provisional = self._provisional.get(key)
        if provisional is not None:
            self._recursion.depend_on(provisional[1])
            return provisional[0]
        part = (self, key)
        if not self._recursion.has_part(part):
            return None
        meanwhile = self._meanwhile(key)
        if is_enough is None or not is_enough(meanwhile[0]):
            self._recursion.meets_part(part)
        return meanwhile

    def forget(self) -> None:
        """Forget everything but what is provisional, which ends with what it depends on."""
        self._known.clear()
