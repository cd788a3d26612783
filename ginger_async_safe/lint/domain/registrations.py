"""Registrations: what modules put into registries when they are imported."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Registration"]


class Registration(NamedTuple):
    """A function or class that a registry holds.

    Attributes:
        registry: The dotted name of the registry.
        module: The dotted name of the module that defines it.
        qualname: Its qualified name there.
        line: The line of its definition.
        is_class: Whether it is a class.
    """

    registry: str
    module: str
    qualname: str
    line: int
    is_class: bool
