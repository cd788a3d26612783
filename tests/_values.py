"""Values of the check, as tables of tests write them: ``"A | None"``, and ``"?"`` where nothing is known."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ginger_async_safe.lint.check import engine
from ginger_async_safe.lint.domain.bases import UNKNOWN, each, join
from ginger_async_safe.lint.domain.frames import Frame
from ginger_async_safe.lint.domain.scopes import Scope
from ginger_async_safe.lint.domain.values import NOTHING, ClassValue, Constant, Instance
from ginger_async_safe.lint.interpreter.interpreter import Interpreter
from ginger_async_safe.lint.knowledge.rule_table import RuleTable
from ginger_async_safe.lint.source.files import Source, digest
from ginger_async_safe.lint.source.project import Project

if TYPE_CHECKING:
    from ginger_async_safe.lint.domain.bases import Single, Value

__all__ = ["Program"]


class Program:
    """A module of classes, and a function in it that is being evaluated.

    Args:
        source: The module.
    """

    def __init__(self, source: str = "") -> None:
        root = Path("project")
        data = source.encode()
        project = Project([Source(root / "shop.py", data, digest(data))], root=root)
        self._module = project.modules[0]
        self.interpreter = Interpreter(project, RuleTable(()), (), engine._HANDLERS)
        self.frame = Frame(Scope(self._module), "shop.function")

    def value(self, text: str) -> Value:
        """Return the value that a text describes: instances of classes of the module, ``None`` and numbers."""
        return join(*(self._single(word) for word in text.split(" | ")))

    def _single(self, word: str) -> Single:
        if word == "?":
            return UNKNOWN
        if word == "None":
            return NOTHING
        return Constant(int(word)) if word.isdigit() else Instance(ClassValue(self._module, word))

    def bind(self, **names: str) -> None:
        """Bind names of the function to values."""
        self.frame.scope.names = {name: self.value(text) for name, text in names.items()}

    @property
    def names(self) -> dict[str, str]:
        """What names of the function are bound to."""
        return {name: in_words(value) for name, value in self.frame.scope.names.items()}


def in_words(value: Value) -> str:
    """Return the text that describes a value, its members in the order in which they were found."""
    return " | ".join(map(_in_words, each(value)))


def _in_words(value: Single) -> str:
    if isinstance(value, Constant):
        return repr(value.value)
    if isinstance(value, Instance) and isinstance(value.cls, ClassValue):
        return value.cls.qualname
    assert value == UNKNOWN, value
    return "?"
