"""Memos: what is found out about a program once, with the modules that it depends on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from typing_extensions import TypeVarTuple, Unpack

    from ginger_async_safe.lint.domain.frames import Frame

    Parameters = TypeVarTuple("Parameters")  # here, since importing this at run time takes as long as checking a file

__all__ = ["Memo"]

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

    def forget_one(self, key: Key) -> None:
        """Forget what is known for a key."""
        self._known.pop(key, None)

    def forget(self) -> None:
        """Forget everything."""
        self._known.clear()
