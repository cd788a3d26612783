"""The text of a violation: the call, the line, the task, the path, the fix."""

from __future__ import annotations

import asyncio
import copy
import dataclasses
import importlib
import io
import json
import linecache
import pickle
import sys
import textwrap
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from _effects import blocking
from _guarding import called_in_task, listening, refusal_of, violation_of
from _running import in_new_process

from ginger_async_safe import (
    Place,
    SynchronousOnlyOperation,
    Violation,
    allow_async_unsafe,
    async_unsafe,
    configure,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from _running import OnLoop

BARE = "You cannot call this from an async context - use a thread or sync_to_async."

NAMES_CLASSES = sys.version_info >= (3, 11)
"""Whether code objects know the class that they were written in."""

KNOWS_WHO_WAITS = sys.version_info >= (3, 14)
"""Whether asyncio knows which task awaits which."""


class Project:
    """Files of a user's project, and of installed libraries, to import and to run.

    Args:
        root: The user's folder; libraries are written to its ``site-packages``.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def add(self, path: str, source: str) -> None:
        """Write a module, and the packages that it is in."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(textwrap.dedent(source), encoding="utf-8")
        for package in file.relative_to(self.root).parents:
            if package.name not in {"", "site-packages"}:
                (self.root / package / "__init__.py").touch()

    def line(self, mark: str) -> str | None:
        """Return the place of the line that ends with a comment of this word, or ``None`` without one."""
        for file in sorted(self.root.rglob("*.py")):
            for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
                if mark in line.partition("# ")[2].split():
                    return f"{file.relative_to(self.root)}:{number}"
        return None

    def load(self, name: str) -> Any:
        """Import a module."""
        return importlib.import_module(name)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    """Create an empty project, with a marked library and a framework installed."""
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.syspath_prepend(tmp_path / "site-packages")
    before = set(sys.modules)
    project = Project(tmp_path)
    project.add(
        "site-packages/marked/db.py",
        """
        from ginger_async_safe import async_unsafe

        @async_unsafe
        def connect():
            return "connected"

        def query(depth=3):
            return query(depth - 1) if depth else connect()  # in-owner

        def call(function):
            return function()

        async def call_async(function):
            return function()  # in-async-owner

        async def query_async():
            return query()
        """,
    )
    project.add(
        "site-packages/framework/__init__.py",
        """
        def call(function):
            return _call(function)

        def _call(function):
            return function()  # in-framework

        async def dispatch(function):
            return function()  # in-async-framework

        async def serve():
            from marked.db import query
            return call(query)  # in-server
        """,
    )
    yield project
    for name in set(sys.modules) - before:
        del sys.modules[name]


def qualname(function: Callable[..., object]) -> str:
    """Return the name of a function as this Python knows it while its code runs."""
    name: str = function.__qualname__ if NAMES_CLASSES else function.__name__
    return name


def caller() -> str:
    """Make a guarded call."""
    return blocking()


# -- The report


def write_shop(project: Project) -> None:
    """Write the project whose report is in the design."""
    project.add(
        "site-packages/gingerdj/db/backends/base/base.py",
        """
        from ginger_async_safe import async_unsafe

        class BaseDatabaseWrapper:
            @async_unsafe
            def cursor(self):
                return []
        """,
    )
    project.add(
        "site-packages/gingerdj/db/models/query.py",
        """
        from gingerdj.db.backends.base.base import BaseDatabaseWrapper

        class QuerySet:
            def __iter__(self):
                self._fetch_all()
                return iter(())

            def _fetch_all(self):
                execute_sql(BaseDatabaseWrapper())

        def execute_sql(connection):
            connection.cursor()
        """,
    )
    project.add(
        "shop/reports.py",
        "from gingerdj.db.models.query import QuerySet\n"
        + "\n" * 38
        + "def monthly_totals():\n    return [each for each in QuerySet()]\n",
    )
    project.add(
        "shop/views.py",
        "from shop.reports import monthly_totals\n"
        + "\n" * 15
        + "async def dashboard():\n    return monthly_totals()\n",
    )


class TestReport:
    """``str(error)``, as design.md shows it."""

    @pytest.mark.parametrize(
        ("run", "who", "fix"),
        [
            (
                "asyncio.run(named())",
                "task 'Task-7', asyncio",
                "await sync_to_async(monthly_totals)(...)",
            ),
            (
                "uvloop.new_event_loop().run_until_complete(named())",
                "task 'Task-7', asyncio on uvloop",
                "await sync_to_async(monthly_totals)(...)",
            ),
            (
                "trio.run(dashboard)",
                "task 'shop.views.dashboard', trio",
                "await trio.to_thread.run_sync(monthly_totals, ...)",
            ),
        ],
        ids=["asyncio", "uvloop", "trio"],
    )
    def test_line_by_line(self, run: str, who: str, fix: str, project: Project) -> None:
        """It has the call, the user's line that made it, the async function, the path and the fix."""
        write_shop(project)
        report = in_new_process(
            f"""
            import asyncio, json, os, sys
            import trio, uvloop
            sys.path[:0] = [{str(project.root)!r}, {str(project.root / "site-packages")!r}]
            os.chdir({str(project.root)!r})
            from shop.views import dashboard

            async def named():
                await asyncio.create_task(dashboard(), name="Task-7")

            try:
                {run}
            except Exception as error:
                print(json.dumps([type(error).__name__, *str(error).splitlines()]))
            """
        )
        entry = "QuerySet.__iter__" if NAMES_CLASSES else "__iter__"
        if KNOWS_WHO_WAITS:
            who = who.replace("'Task-7', asyncio", "'Task-7' ← named ← 'Task-1', asyncio")
        assert [
            "SynchronousOnlyOperation",
            BARE,
            "  call      gingerdj.db.backends.base.base.BaseDatabaseWrapper.cursor",
            "  at        shop/reports.py:41 in monthly_totals",
            f"  inside    shop/views.py:18 in async dashboard   ({who})",
            f"  path      dashboard → monthly_totals → {entry} → cursor",
            f"  fix       {fix}",
        ] == report

    def test_callback(self, project: Project, on_asyncio_loop: OnLoop) -> None:
        """In a callback it says that there is no task."""
        project.add("shop/timers.py", "import marked.db\n\ndef tick():\n    marked.db.query()\n")
        configure(policy="ignore")

        async def main() -> None:
            asyncio.get_running_loop().call_soon(project.load("shop.timers").tick)
            await asyncio.sleep(0)

        with listening() as heard:
            on_asyncio_loop(main)
        (violation,) = heard
        assert [
            BARE,
            "  call      marked.db.connect",
            "  at        shop/timers.py:4 in tick",
            f"  inside    no task   (event-loop callback, {violation.loop})",
            "  path      tick → query → connect",
            "  fix       loop.run_in_executor(None, tick, ...)",
        ] == str(violation).splitlines()

    def test_callback_without_code(self, on_asyncio_loop: OnLoop) -> None:
        """A guarded call that is itself the callback was made by the loop."""
        configure(policy="ignore")

        async def main() -> None:
            asyncio.get_running_loop().call_soon(blocking)
            await asyncio.sleep(0)

        with listening() as heard:
            on_asyncio_loop(main)
        (violation,) = heard
        assert [
            BARE,
            "  call      _effects.blocking",
            "  at        the event loop itself",
            f"  inside    no task   (event-loop callback, {violation.loop})",
            "  path      blocking",
            "  fix       loop.run_in_executor(None, blocking, ...)",
        ] == str(violation).splitlines()

    def test_message(self) -> None:
        """The owner's message comes first, instead of the general one."""

        @async_unsafe("Buy a ticket first.")
        def enter() -> None:
            raise NotImplementedError

        error = refusal_of(enter)
        assert ("Buy a ticket first.", True) == (error.message, str(error).startswith("Buy a ticket first.\n  call  "))

    def test_summary(self, project: Project) -> None:
        """The one-line form has the call, the place and the fix."""
        project.add("shop/views.py", "import marked.db\n\nasync def main():\n    marked.db.connect()\n")
        with pytest.raises(SynchronousOnlyOperation) as caught:
            asyncio.run(project.load("shop.views").main())
        assert caught.value.violation is not None
        assert (
            "marked.db.connect was called in an async context at shop/views.py:4 in async main; "
            "fix: await sync_to_async(connect)(...)"
        ) == caught.value.violation.summary()

    def test_outside_the_working_directory(self, project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
        """A file outside of the working directory is shown with its full path; the record always has full paths."""
        project.add("shop/views.py", "import marked.db\n\nasync def main():\n    marked.db.connect()\n")
        with pytest.raises(SynchronousOnlyOperation) as caught:
            asyncio.run(project.load("shop.views").main())
        assert caught.value.violation is not None
        called_at = caught.value.violation.called_at
        whole = str(project.root / "shop" / "views.py")
        assert Place(whole, 4, "main", is_async=True, module="shop.views", qualname="main") == called_at
        (project.root / "elsewhere").mkdir()
        monkeypatch.chdir(project.root / "elsewhere")
        assert f"{whole}:4 in async main" == str(called_at)


# -- Which line is named


@dataclasses.dataclass
class Case:
    """A program, the lines that its report names, by their comments, and the rest of the report.

    Attributes:
        files: The user's modules; ``shop.views.main`` is run.
        path: The path of the report.
        fix: The fix of the report.
        called_at: The comment on the line where the call was made, and its function.
        async_caller: The same for the async function.
    """

    files: dict[str, str]
    path: str
    fix: str
    called_at: str = "at helper"
    async_caller: str = "inside main"


BLAME = {
    "in the coroutine itself": Case(
        {
            "shop/views.py": """
                from marked.db import connect
                async def main():
                    connect()  # at inside
            """
        },
        "main → connect",
        "await sync_to_async(connect)(...)",
        called_at="at async main",
    ),
    "through the marked library": Case(
        {
            "shop/views.py": """
                from marked.db import query
                def helper():
                    query()  # at
                async def main():
                    helper()  # inside
            """
        },
        "main → helper → query → connect",
        "await sync_to_async(helper)(...)",
    ),
    "through another library": Case(
        {
            "shop/views.py": """
                import framework
                from marked.db import query
                def helper():
                    framework.call(query)  # at
                async def main():
                    helper()  # inside
            """
        },
        "main → helper → call → connect",
        "await sync_to_async(helper)(...)",
    ),
    "called back by another library": Case(
        {
            "shop/views.py": """
                import framework
                from marked.db import query
                def helper():
                    query()  # at
                async def main():
                    framework.call(helper)  # inside
            """
        },
        "main → call → helper → query → connect",
        "await sync_to_async(call)(...)",
    ),
    "called back by the marked library": Case(
        {
            "shop/views.py": """
                import marked.db
                def helper():
                    marked.db.connect()  # at
                async def main():
                    marked.db.call(helper)  # inside
            """
        },
        "main → call → helper → connect",
        "await sync_to_async(call)(...)",
    ),
    "called back by an async framework": Case(
        {
            "shop/views.py": """
                import framework
                import marked.db
                def helper():
                    marked.db.connect()  # at
                async def main():
                    await framework.dispatch(helper)  # inside
            """
        },
        "main → dispatch → helper → connect",
        "await sync_to_async(helper)(...)",
    ),
    "called back by async code of the marked library": Case(
        {
            "shop/views.py": """
                import marked.db
                def helper():
                    marked.db.connect()  # at
                async def main():
                    await marked.db.call_async(helper)  # inside
            """
        },
        "main → call_async → helper → connect",
        "await sync_to_async(helper)(...)",
    ),
    "inside the marked library's async code": Case(
        {
            "shop/views.py": """
                import marked.db
                async def main():
                    await marked.db.query_async()  # at inside
            """
        },
        "main → query_async → connect",
        "await sync_to_async(query)(...)",
        called_at="at async main",
    ),
    "the innermost coroutine": Case(
        {
            "shop/views.py": """
                from marked.db import connect
                async def main():
                    await middle()
                async def middle():
                    await innermost()
                async def innermost():
                    connect()  # at inside
            """
        },
        "innermost → connect",
        "await sync_to_async(connect)(...)",
        called_at="at async innermost",
        async_caller="inside innermost",
    ),
    "an async generator": Case(
        {
            "shop/views.py": """
                from marked.db import query
                async def rows():
                    yield query()  # at inside
                async def main():
                    async for row in rows():
                        pass
            """
        },
        "rows → query → connect",
        "await sync_to_async(query)(...)",
        called_at="at async rows",
        async_caller="inside rows",
    ),
    "through another package of the user's": Case(
        {
            "billing/reports.py": """
                from marked.db import query
                def helper():
                    query()  # at
            """,
            "shop/views.py": """
                import billing.reports
                async def main():
                    billing.reports.helper()  # inside
            """,
        },
        "main → helper → query → connect",
        "await sync_to_async(helper)(...)",
    ),
    "marked by the user's own package": Case(
        {
            "shop/db.py": """
                from ginger_async_safe import async_unsafe
                @async_unsafe
                def connect():
                    pass
            """,
            "shop/reports.py": """
                from shop.db import connect
                def helper():
                    connect()  # at
            """,
            "shop/views.py": """
                from shop.reports import helper
                async def main():
                    helper()  # inside
            """,
        },
        "main → helper → connect",
        "await sync_to_async(helper)(...)",
    ),
    "marked by another package of the user's": Case(
        {
            "billing/db.py": """
                from ginger_async_safe import async_unsafe
                @async_unsafe
                def connect():
                    pass
            """,
            "billing/reports.py": """
                from billing.db import connect
                def totals():
                    connect()
            """,
            "shop/views.py": """
                from billing.reports import totals
                def helper():
                    totals()  # at
                async def main():
                    helper()  # inside
            """,
        },
        "main → helper → totals → connect",
        "await sync_to_async(helper)(...)",
    ),
    "through the standard library": Case(
        {
            "shop/views.py": """
                from functools import singledispatch
                from marked.db import query
                @singledispatch
                def helper(number):
                    query()  # at
                async def main():
                    helper(1)  # inside
            """
        },
        "main → wrapper → helper → query → connect",
        "await sync_to_async(wrapper)(...)",
    ),
}


class TestLines:
    """The call was made at the innermost line of the user's own code, inside the user's innermost async function."""

    @pytest.mark.parametrize("case", [pytest.param(case, id=name) for name, case in BLAME.items()])
    def test_line(self, case: Case, project: Project) -> None:
        """It is not a line of this library, of the marked library, or of any installed one."""
        for path, source in case.files.items():
            project.add(path, source)
        with pytest.raises(SynchronousOnlyOperation) as caught:
            asyncio.run(project.load("shop.views").main())
        violation = caught.value.violation
        assert violation is not None
        mark, _, function = case.called_at.partition(" ")
        assert f"{project.line(mark)} in {function}" == str(violation.called_at)
        mark, _, function = case.async_caller.partition(" ")
        assert f"{project.line(mark)} in async {function}" == str(violation.async_caller)
        assert case.path == " → ".join(violation.path)
        assert case.fix == violation.fix

    def test_only_installed_code(self, project: Project) -> None:
        """If there is no code of the user's, it is the innermost line outside of the marked library."""
        with pytest.raises(SynchronousOnlyOperation) as caught:
            asyncio.run(project.load("framework").serve())
        violation = caught.value.violation
        assert violation is not None
        assert f"{project.line('in-framework')} in _call" == str(violation.called_at)
        assert f"{project.line('in-server')} in async serve" == str(violation.async_caller)
        assert ("serve", "call", "connect") == violation.path
        assert violation.fix == "await sync_to_async(call)(...)"

    def test_only_the_marked_library(self, project: Project) -> None:
        """If all code is the marked library's, it is the line that made the call."""
        with pytest.raises(SynchronousOnlyOperation) as caught:
            asyncio.run(project.load("marked.db").query_async())
        violation = caught.value.violation
        assert violation is not None
        assert f"{project.line('in-owner')} in query" == str(violation.called_at)

    def test_installed_callback(self, project: Project, on_asyncio_loop: OnLoop) -> None:
        """A callback of an installed library is that library's line."""
        configure(policy="ignore")
        call = partial(project.load("framework").call, project.load("marked.db").query)

        async def main() -> None:
            asyncio.get_running_loop().call_soon(call)
            await asyncio.sleep(0)

        with listening() as heard:
            on_asyncio_loop(main)
        (violation,) = heard
        assert f"{project.line('in-framework')} in _call" == str(violation.called_at)
        assert (None, None) == (violation.async_caller, violation.task)

    def test_this_library(self) -> None:
        """This library's own frames are never named: those of its guards, its grants, its decorators."""
        connect = async_unsafe(partial(blocking))  # not a plain function, so that a guard object is called

        def rows() -> Iterator[str]:
            yield blocking()

        def user() -> None:
            with suppress(SynchronousOnlyOperation):
                connect()
            with suppress(SynchronousOnlyOperation):
                next(lent)
            with suppress(SynchronousOnlyOperation):
                lent.send(None)
            with suppress(SynchronousOnlyOperation):
                allow_async_unsafe(calls="elsewhere.*")(connect)()

        rows.__module__ = "marked"
        lent: Any = async_unsafe(rows)()
        with listening() as heard:
            called_in_task(user)
        first = user.__code__.co_firstlineno
        assert [f"{__file__}:{first + line} in user" for line in (2, 4, 6, 8)] == [
            str(each.called_at) for each in heard
        ]
        assert {("main", "user", "blocking"), ("main", "user", "rows")} == {each.path for each in heard}

    def test_name_like_site_packages(self, project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
        """A user's folder may have a name similar to site-packages."""
        project.add("my-site-packages/shop/views.py", "import marked.db\nasync def main():\n    marked.db.query()\n")
        monkeypatch.syspath_prepend(project.root / "my-site-packages")
        with pytest.raises(SynchronousOnlyOperation) as caught:
            asyncio.run(project.load("shop.views").main())
        assert caught.value.violation is not None
        assert "my-site-packages/shop/views.py:3 in async main" == str(caught.value.violation.called_at)

    def test_class(self) -> None:
        """The function is named with its class if Python knows it (3.11 and later)."""

        class Shop:
            def total(self) -> None:
                blocking()

        violation = violation_of(Shop().total)
        assert violation.called_at is not None
        total = "Shop.total" if NAMES_CLASSES else "total"
        assert (total, ("main", total, "blocking")) == (violation.called_at.function, violation.path)
        assert violation.fix == "await sync_to_async(total)(...)"


class TestPath:
    """The path names the functions from the async one down to the call."""

    def test_recursion(self) -> None:
        """A function that calls itself is named once."""

        def down(depth: int) -> None:
            down(depth - 1) if depth else blocking()

        assert ("main", "down", "blocking") == violation_of(down, 50).path

    @staticmethod
    def stairs(count: int) -> Callable[[], object]:
        """Return the last of that many functions, each of which calls the one before it, and the first a marked one."""
        below: Callable[[], object] = blocking
        for number in range(count):
            names: dict[str, Any] = {"below": below}
            exec(f"def step{number}(): return below()", names)
            below = names[f"step{number}"]
        return below

    def test_long_path(self) -> None:
        """A long path is cut in the middle; its ends matter most."""
        assert (
            *("main", "step99", "step98", "step97", "step96", "step95"),
            "…",
            *("step4", "step3", "step2", "step1", "step0"),
            "blocking",
        ) == violation_of(self.stairs(100)).path

    @pytest.mark.parametrize(("count", "is_cut"), [(9, False), (10, False), (11, True)])
    def test_longest_path(self, count: int, is_cut: bool) -> None:
        """A path of eleven functions and the call is complete."""
        path = violation_of(self.stairs(count)).path
        assert (is_cut, count + 2) == ("…" in path, len(path))

    def test_very_deep_stack(self) -> None:
        """A stack near the limit of recursion is reported like any other, and the report is short."""

        def down(depth: int) -> None:
            down(depth - 1) if depth else blocking()

        error = refusal_of(down, sys.getrecursionlimit() - 150)
        assert error.violation is not None
        assert ("main", "down", "blocking") == error.violation.path
        assert len(str(error).splitlines()) == 6

    def test_lambda(self) -> None:
        """Functions without a name are named as Python names them."""
        violation = violation_of(lambda: blocking())  # noqa: PLW0108 - a lambda is what is tested
        assert ("main", "<lambda>", "blocking") == violation.path


# -- The record


class Hostile:
    """An object that raises an error whenever it is inspected."""

    def _refuse(self, *_: object) -> Any:
        message = "somebody looked"
        raise AssertionError(message)

    __repr__ = __str__ = __format__ = __eq__ = __hash__ = __bool__ = __len__ = __iter__ = _refuse

    def __getattr__(self, name: str) -> Any:
        self._refuse()

    def call(self, *arguments: Hostile, **keywords: Hostile) -> Any:
        """Have it in every kind of variable."""
        local = [self, arguments, keywords]
        hostile_call(self, *arguments, **keywords)
        return local


@async_unsafe
def hostile_call(*arguments: Hostile, **keywords: Hostile) -> None:
    """Have it in every kind of parameter."""


@pytest.fixture
def violation() -> Violation:
    """Return the record of a call."""
    return violation_of(caller)


class TestRecord:
    """``error.violation``."""

    def test_fields(self) -> None:
        """It has a field for each part of the report."""

        def function() -> None:
            blocking()

        async def main() -> None:
            task = asyncio.current_task()
            assert task is not None
            task.set_name("mine")
            function()

        with pytest.raises(SynchronousOnlyOperation) as caught:
            asyncio.run(main())
        assert (
            Violation(
                call="_effects.blocking",
                message=BARE,
                called_at=Place(
                    __file__,
                    function.__code__.co_firstlineno + 1,
                    "function",
                    is_async=False,
                    module=__name__,
                    qualname=qualname(function),
                ),
                async_caller=Place(
                    __file__,
                    main.__code__.co_firstlineno + 4,
                    "main",
                    is_async=True,
                    module=__name__,
                    qualname=qualname(main),
                ),
                task="mine",
                library="asyncio",
                loop="asyncio",
                path=("main", "function", "blocking"),
                fix="await sync_to_async(function)(...)",
            )
            == caught.value.violation
        )

    def test_frozen(self, violation: Violation) -> None:
        """It cannot be changed, and neither can its places."""
        for each in (violation, violation.called_at):
            for field in dataclasses.fields(each):  # type: ignore[arg-type]
                with pytest.raises(dataclasses.FrozenInstanceError):
                    setattr(each, field.name, None)

    def test_to_dict(self, violation: Violation) -> None:
        """``to_dict()`` has the same fields, and can be converted to JSON and back."""
        plain = violation.to_dict()
        assert [each.name for each in dataclasses.fields(violation)] == list(plain)
        assert plain == json.loads(json.dumps(plain))
        assert violation == Violation(
            **{
                **plain,
                "called_at": Place(**plain["called_at"]),
                "async_caller": Place(**plain["async_caller"]),
                "path": tuple(plain["path"]),
                "waiting": tuple(plain["waiting"]),
            }
        )

    def test_to_dict_of_a_callback(self, on_asyncio_loop: OnLoop) -> None:
        """If there is no line, the field is ``None``."""
        configure(policy="ignore")

        async def main() -> None:
            asyncio.get_running_loop().call_soon(blocking)
            await asyncio.sleep(0)

        with listening() as heard:
            on_asyncio_loop(main)
        plain = json.loads(json.dumps(heard[0].to_dict()))
        assert [None, None, None] == [plain[each] for each in ("called_at", "async_caller", "task")]

    def test_equal(self) -> None:
        """Records of two equal calls are equal, and have the same hash."""
        one, other = (dataclasses.replace(violation_of(caller), task=None) for _ in range(2))
        assert (one, hash(one)) == (other, hash(other))

    @pytest.mark.parametrize("policy", ["raise", "warn", "log", "ignore"])
    def test_arguments_are_never_inspected(
        self, policy: Any, caplog: pytest.LogCaptureFixture, recwarn: pytest.WarningsRecorder
    ) -> None:
        """No object of the user's is rendered, compared or inspected, under any policy."""
        configure(policy=policy)
        with listening() as heard:
            try:
                called_in_task(Hostile().call, Hostile(), keyword=Hostile())
            except (SynchronousOnlyOperation, Warning) as error:
                str(error)
        (violation,) = heard
        assert "somebody looked" not in str(violation) + repr(violation) + str(violation.to_dict()) + caplog.text
        assert violation.call == "test_violation.hostile_call"

    def test_reads_no_source(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Creating it opens no file, and does not change the cache of source lines."""

        def refuse(*_: object, **__: object) -> Any:
            raise AssertionError("a file was opened")

        error: SynchronousOnlyOperation | None = None

        async def main() -> None:
            nonlocal error
            before = dict(linecache.cache)
            with monkeypatch.context() as patch:
                for module in ("builtins", "io", "os", "tokenize"):
                    patch.setattr(f"{module}.open", refuse)
                try:
                    caller()
                except SynchronousOnlyOperation as caught:
                    error = caught
            assert before == linecache.cache

        asyncio.run(main())
        assert error is not None
        assert error.__cause__ is None
        assert io.open is open

    def test_keeps_nothing_alive(self) -> None:
        """It contains text and numbers only, so keeping it keeps no frame and no argument alive."""
        with listening() as heard:
            refusal_of(caller)
        plain = heard[0].to_dict()
        leaves = [
            *plain.pop("path"),
            *plain.pop("waiting"),
            *plain.pop("called_at").values(),
            *plain.pop("async_caller").values(),
            *plain.values(),
        ]
        assert {str, int, bool} == set(map(type, leaves))


class TestError:
    """``SynchronousOnlyOperation``."""

    def test_starts_with_the_bare_message(self) -> None:
        """Code that matches on the message of GingerDJ and Django still works."""
        error = refusal_of(blocking)
        assert BARE == str(error).partition("\n")[0]
        assert (BARE, (BARE,)) == (error.message, error.args)

    def test_by_hand(self) -> None:
        """An error that is created by hand has the given message, and no record."""
        error = SynchronousOnlyOperation("x")
        assert ("x", "x", ("x",), None) == (str(error), error.message, error.args, error.violation)

    def test_without_arguments(self) -> None:
        """An error without arguments has none, either."""
        error = SynchronousOnlyOperation()
        assert ("", "", None) == (str(error), error.message, error.violation)

    @pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
    def test_pickle(self, protocol: int) -> None:
        """The error and its record can be pickled, as between the processes of a test run."""
        error = refusal_of(blocking)
        again = pickle.loads(pickle.dumps(error, protocol))
        assert (str(error), error.args, error.violation) == (str(again), again.args, again.violation)
        assert error.violation == pickle.loads(pickle.dumps(error.violation, protocol))

    def test_pickle_by_hand(self) -> None:
        """An error that was created by hand can, too."""
        again = pickle.loads(pickle.dumps(SynchronousOnlyOperation("x")))
        assert ("x", None) == (str(again), again.violation)

    def test_copy(self) -> None:
        """It can be copied, deep or not."""
        error = refusal_of(blocking)
        for each in (copy.copy(error), copy.deepcopy(error)):
            assert (str(error), error.violation) == (str(each), each.violation)

    def test_subclass(self) -> None:
        """A subclass keeps its type when pickled."""
        error = _Mine("x", violation_of(blocking))
        again = pickle.loads(pickle.dumps(error))
        assert (_Mine, str(error)) == (type(again), str(again))


class _Mine(SynchronousOnlyOperation):
    """A user's own subclass."""
