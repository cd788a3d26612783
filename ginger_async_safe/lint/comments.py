"""The comments by which a line is left out of the check: ``# noqa: RULE``, and this library's own with a reason."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Comment"]


class Comment(NamedTuple):
    """A comment that leaves findings of its line out.

    Attributes:
        line: The line it stands on, from 1.
    """

    line: int
