"""Memos: what is found out about a program once, with the modules that it depends on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from ginger_async_safe.lint.domain.frames import Frame
    from ginger_async_safe.lint.interpreter.recursion import Recursion

__all__ = ["Memo", "RecursiveMemo"]

Key = TypeVar("Key")
Found = TypeVar("Found")


class Memo(Generic[Key, Found]):
    """What is found out once for each key.

    Args:
        meanwhile: Returns what stands for it while it is being found out, for what refers to itself, and the modules that
            this depends on, as bits.
    """

    __slots__ = ("_known", "_meanwhile")

    def __init__(self, meanwhile: Callable[[Key], tuple[Found, int]]) -> None:
        self._known: dict[Key, tuple[Found, int]] = {}
        self._meanwhile = meanwhile

    def __contains__(self, key: Key) -> bool:
        """Whether it is known for a key, or is being found out."""
        return key in self._known

    def of(self, key: Key, frame: Frame, find: Callable[[], tuple[Found, int]]) -> Found:
        """Return what is known for a key, after finding it out the first time.

        Args:
            key: The key.
            frame: The current frame, which then depends on the same modules.
            find: Finds it out, and returns the modules that it depends on too, as bits.
        """
        known = self._known.get(key)
        if known is None:
            self._known[key] = self._meanwhile(key)
            known = self._known[key] = find()
        frame.depend_on(known[1])
        return known[0]

    def forget(self) -> None:
        """Forget everything."""
        self._known.clear()


class RecursiveMemo(Memo[Key, Found]):
    """What is found out by evaluating functions, which may need what is being found out.

    What depends on something that is still being found out is provisional, as the results of such functions are: it is
    kept only until that is done.

    Args:
        recursion: The evaluations that are under way.
        meanwhile: Returns what stands for it while it is being found out, and the modules that this depends on, as bits.
        keeps: Whether what depends on something that is still being found out is kept all the same, unless a limit cut it
            short: where finding it out again would cost more than it would show.
    """

    __slots__ = ("_keeps", "_provisional", "_recursion")

    def __init__(
        self, recursion: Recursion, meanwhile: Callable[[Key], tuple[Found, int]], *, keeps: bool = False
    ) -> None:
        super().__init__(meanwhile)
        self._keeps = keeps
        self._recursion = recursion
        self._provisional: dict[Key, tuple[Found, int]] = {}

    def __contains__(self, key: Key) -> bool:
        """Whether it is known for a key, or is being found out."""
        return key in self._known or key in self._provisional or self._recursion.has((self, key))

    def of(
        self,
        key: Key,
        frame: Frame,
        find: Callable[[], tuple[Found, int]],
        is_enough: Callable[[Found], bool] | None = None,
    ) -> Found:
        """Return what is known for a key, after finding it out the first time.

        Args:
            key: The key.
            frame: The current frame, which then depends on the same modules.
            find: Finds it out, and returns the modules that it depends on too, as bits.
            is_enough: Returns whether what stands for it while it is being found out is what it will be, as far as the
                current evaluation needs it, so that this does not depend on the rest.
        """
        known = self._known.get(key) or self._provisional.get(key)
        if known is None:
            known = self._found(key, find, is_enough)
        frame.depend_on(known[1])
        return known[0]

    def _found(
        self, key: Key, find: Callable[[], tuple[Found, int]], is_enough: Callable[[Found], bool] | None
    ) -> tuple[Found, int]:
        recursion = self._recursion
        part = (self, key)
        if recursion.has(part):
            meanwhile = self._meanwhile(key)
            if is_enough is None or not is_enough(meanwhile[0]):
                recursion.meets(part)
            return meanwhile
        recursion.begin_part(part)
        try:
            found = find()
        finally:
            depends_on = recursion.end_part()
        if depends_on is None or (self._keeps and depends_on > 0):
            self._known[key] = found
        else:
            recursion.keep(self._provisional, key, found, depends_on)
        return found
