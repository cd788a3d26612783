"""What a query and a cursor cost under this library's guard, compared with the frameworks' own.

python benchmarks/orm.py [gingerdj django]

Needs the framework. The two guards take turns in one process, outside of any event loop, on a sqlite database in
memory. It prints medians over the rounds, and the median of the rounds' ratios.
"""

from __future__ import annotations

import platform
import statistics
import sys
import timeit
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS = 21
CALLS = 1000


def main() -> None:
    """Measure and print."""
    package = sys.argv[1] if len(sys.argv) > 1 else "gingerdj"
    takeover, measured = project(package)
    print(f"{package} {import_module(package).get_version()}, Python {platform.python_version()}, microseconds a call")
    print(f"{'':22}{'theirs':>10}{'ours':>10}{'ours / theirs':>16}")
    for name, call in measured.items():
        theirs, ours = in_turns(takeover, call)
        ratio = statistics.median(mine / its for mine, its in zip(ours, theirs, strict=True))
        print(f"{name:22}{statistics.median(theirs):10.2f}{statistics.median(ours):10.2f}{ratio:16.3f}")


def project(package: str) -> tuple[Any, dict[str, Callable[[], Any]]]:
    """Set up a project with one model, and return its guard and what is measured."""
    door = f"ginger_async_safe.contrib.{package}"
    import_module(f"{package}.conf").settings.configure(
        INSTALLED_APPS=[door],
        DATABASES={"default": {"ENGINE": f"{package}.db.backends.sqlite3", "NAME": ":memory:"}},
        DEFAULT_AUTO_FIELD=f"{package}.db.models.BigAutoField",
        USE_TZ=True,
    )
    import_module(f"{package}.db.backends.sqlite3.base")  # marked by the framework: later functions keep our guard
    import_module(package).setup()
    db = import_module(f"{package}.db")
    options = type("Meta", (), {"app_label": "bench"})
    fields = {"__module__": __name__, "Meta": options, "title": db.models.CharField(max_length=100)}
    book: Any = type("Book", (db.models.Model,), fields)
    with db.connection.schema_editor() as editor:
        editor.create_model(book)
    key = book.objects.create(title="Kindred").pk
    measured = {
        "Book.objects.get(pk=1)": lambda: book.objects.get(pk=key),
        "connection.cursor()": db.connection.cursor,
    }
    return import_module(door).takeover, measured


def in_turns(takeover: Any, call: Callable[[], Any]) -> tuple[list[float], list[float]]:  # noqa: ANN401 - it has no fixed type
    """Return the microseconds of a call in each round, under the framework's guard and under ours."""
    theirs, ours = [], []
    timer = timeit.Timer(call)
    for _ in range(ROUNDS):
        takeover.uninstall()
        theirs.append(timer.timeit(CALLS) / CALLS * 1e6)
        takeover.install()
        ours.append(timer.timeit(CALLS) / CALLS * 1e6)
    return theirs, ours


if __name__ == "__main__":
    main()
