"""The store of summaries: one file for each version of a package, in a folder of the cache.

It is JSON, which unlike pickle cannot carry code. A file that is damaged, or that another version of the check wrote, is as
good as none.
"""

from __future__ import annotations

import contextlib
import json
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ginger_async_safe.lint.domain.summaries import Summary, SummaryKind
from ginger_async_safe.lint.knowledge.return_values import instance_named

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ginger_async_safe.lint.source.environments import Distribution

__all__ = ["Kept", "Store"]


class Kept(NamedTuple):
    """What is kept for a name.

    Attributes:
        summary: What it refers to; ``None`` where that is not known.
        packages: The digests of the packages that this depends on, by the dotted names of their modules; empty for one that
            is not installed.
    """

    summary: Summary | None
    packages: Mapping[str, str]


class Store:
    """The summaries of earlier checks.

    Args:
        folder: The folder of the files; ``None`` to keep nothing.
        signature: What the summaries depend on beside the packages: the check and the rules.
    """

    def __init__(self, folder: Path | None, signature: str) -> None:
        self._folder = folder
        self._signature = signature
        self._files: dict[Distribution, dict[str, Kept]] = {}
        self._changed: set[Distribution] = set()

    def find(self, distribution: Distribution, name: str) -> Kept | None:
        """Return what is kept for a name of a package, or ``None`` where nothing is."""
        return self._file(distribution).get(name)

    def keep(self, distribution: Distribution, name: str, kept: Kept) -> None:
        """Keep something for a name of a package."""
        self._file(distribution)[name] = kept
        self._changed.add(distribution)

    def write(self) -> None:
        """Write what is new; where that fails, the next check reads the packages again."""
        if self._folder is None:
            return
        for distribution in sorted(self._changed):
            content = {
                "signature": self._signature,
                "digest": distribution.digest,
                "names": {
                    name: [None if kept.summary is None else list(kept.summary), dict(kept.packages)]
                    for name, kept in sorted(self._files[distribution].items())
                },
            }
            with contextlib.suppress(OSError):
                _write(self._path(distribution), json.dumps(content, separators=(",", ":")))
        self._changed.clear()

    def _file(self, distribution: Distribution) -> dict[str, Kept]:
        if distribution not in self._files:
            self._files[distribution] = {} if self._folder is None else self._read(distribution)
        return self._files[distribution]

    def _read(self, distribution: Distribution) -> dict[str, Kept]:
        path = self._path(distribution)
        if not path.is_file():  # a FIFO would never end
            return {}
        try:
            content = json.loads(path.read_bytes())
            if content["signature"] != self._signature or content["digest"] != distribution.digest:
                return {}
            return {str(name): _kept(row) for name, row in content["names"].items()}
        except (OSError, ValueError, TypeError, KeyError, AttributeError, SyntaxError, RecursionError):
            return {}

    def _path(self, distribution: Distribution) -> Path:
        assert self._folder is not None  # noqa: S101 - for the type checker
        name = re.sub(r"[^\w.]+", "_", f"{distribution.name}-{distribution.version}")
        return self._folder / f"{name}.json"


def _kept(row: Any) -> Kept:  # noqa: ANN401 - of a file that may be damaged
    """Return what a row of a file refers to.

    Raises:
        TypeError: Where it is none; likewise ``ValueError``, ``AttributeError`` and ``SyntaxError``.
    """
    summary, packages = row
    if not all(isinstance(text, str) for pair in packages.items() for text in pair):
        msg = "digests are strings"
        raise TypeError(msg)
    if summary is None:
        return Kept(None, packages)
    kind, name, package, of_type, is_made, chain, is_lazy, is_async, flags = summary
    texts = (name, package, of_type, *chain, *(flag for flag, _ in flags))
    if not all(isinstance(text, str) for text in texts) or not isinstance(chain, list):
        msg = "names are strings"
        raise TypeError(msg)
    instance_named(of_type)
    positions = tuple((flag, int(position)) for flag, position in flags)
    states = bool(is_made), tuple(chain), bool(is_lazy), bool(is_async), positions
    return Kept(Summary(SummaryKind(kind), name, package, of_type, *states), packages)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=path.parent, encoding="utf-8", delete=False) as file:
        file.write(text)
    Path(file.name).replace(path)
