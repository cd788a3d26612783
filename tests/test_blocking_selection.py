"""Which rules are in force: how ``pyproject.toml`` and ``guard_blocking_calls()`` change them, and what is refused."""

from __future__ import annotations

import asyncio
import os
import runpy
import sqlite3
import sys
import time
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from _effects import explained
from _guarding import listening

from ginger_async_safe import (
    BlockingCall,
    ConfigurationError,
    SynchronousOnlyOperation,
    configure,
    explain,
    guard_blocking_calls,
)
from ginger_async_safe._config import settings
from ginger_async_safe.blocking.rules import RULES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ginger_async_safe import BlockingGuard

TABLE = "[tool.ginger_async_safe.rules]"


def write(directory: Path, *lines: str) -> Path:
    """Write a pyproject.toml, and return its path."""
    path = directory / "pyproject.toml"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def ids(guard: BlockingGuard) -> set[str]:
    """Return the ids of a guard's rules, and switch it off."""
    guard.stop()
    return {rule.id for rule in guard.rules}


ALL = {rule.id for rule in RULES}
FILES = {each for each in ALL if each.startswith("file.")}


class TestFile:
    """``[tool.ginger_async_safe.rules]`` in pyproject.toml."""

    def test_no_table(self) -> None:
        """Without one, all rules are in force."""
        assert ids(guard_blocking_calls()) == ALL

    @pytest.mark.parametrize("line", ['without = ["file.*"]', 'without = "file.*"'])
    def test_without(self, tmp_path: Path, line: str) -> None:
        """Rules may be left out."""
        write(tmp_path, TABLE, line)
        assert ids(guard_blocking_calls()) == ALL - FILES

    @pytest.mark.parametrize(("lines", "is_guarded"), [([], False), (["allow"], False), (["guard"], True)])
    def test_sqlite_in_memory(self, tmp_path: Path, lines: list[str], is_guarded: bool) -> None:
        """Databases in memory may be guarded like those on a disk."""
        write(tmp_path, TABLE, *(f'sqlite-in-memory = "{each}"' for each in lines))

        async def main() -> None:
            with closing(sqlite3.connect(":memory:")) as connection:
                connection.execute("SELECT 1")

        with guard_blocking_calls(), listening() as heard, suppress(SynchronousOnlyOperation):
            asyncio.run(main())
        assert is_guarded is (["sqlite3.connect"] == [each.call for each in heard])
        assert is_guarded is ("SQLite databases in memory are guarded" in str(explained()))

    def test_sqlite_in_memory_refused(self, tmp_path: Path) -> None:
        """Another value is refused."""
        write(tmp_path, TABLE, 'sqlite-in-memory = "stop"')
        with pytest.raises(ConfigurationError, match='sqlite-in-memory: it takes "allow" or "guard", not \'stop\''):
            guard_blocking_calls()

    def test_add(self, tmp_path: Path) -> None:
        """Rules may be added; only the target is required."""
        write(
            tmp_path,
            "[[tool.ginger_async_safe.rules.add]]",
            'target = "lathe.client"',
            "[[tool.ginger_async_safe.rules.add]]",
            'target = "shop.api.fetch"',
            'id = "shop.fetch"',
            'fix = "await afetch(...)"',
            'category = "network"',
            'reason = "it asks the shop"',
        )
        with guard_blocking_calls() as guard:
            assert guard.rules[-2:] == (
                BlockingCall("lathe.client"),
                BlockingCall("shop.api.fetch", "shop.fetch", "await afetch(...)", "network", "it asks the shop"),
            )

    def test_only_from(self, tmp_path: Path) -> None:
        """Rules may be restricted to calls of some packages; of several patterns, the last that matches counts."""
        write(
            tmp_path,
            "[tool.ginger_async_safe.rules.only-from]",
            '"*" = ["shop", "depot"]',
            '"file.*, time.sleep" = "shop.*"',
        )
        with guard_blocking_calls() as guard:
            assert {rule.callers for rule in guard.rules if rule.id in {*FILES, "time.sleep"}} == {("shop.*",)}
            assert {rule.callers for rule in guard.rules} == {("shop.*",), ("shop", "depot")}

    def test_other_settings(self, tmp_path: Path) -> None:
        """Other settings in the file, and an empty table, change nothing."""
        write(tmp_path, "[tool.ginger_async_safe]", 'policy = "log"', TABLE)
        assert ids(guard_blocking_calls()) == ALL

    @pytest.mark.parametrize(
        ("lines", "problem"),
        [
            (['wihtout = ["file.*"]'], "there is no setting 'wihtout'; there are add, without, only-from"),
            (['only_from = ["shop"]'], "there is no setting 'only_from'; there are add, without, only-from"),
            (["without = 5"], 'without: it takes a list of patterns, such as ["file.*"], not 5'),
            (["without = { a = 1 }"], "without: it takes a list of patterns, such as [\"file.*\"], not {'a': 1}"),
            (["without = [5]"], "without: 5 is not a pattern"),
            (['without = ["files.*"]'], "without: 'files.*' matches no rule; `ginger-async-safe rules` lists them"),
            (['only-from = ["shop"]'], "only-from: it takes patterns of rules with the packages that each is for"),
            (['only-from = { "files.*" = ["shop"] }'], "only_from: 'files.*' matches no rule"),
            (['only-from = { "file.*" = [] }'], "only-from: 'file.*' is for no package; name one"),
            (['only-from = { "file.*" = ["a b"] }'], "only-from: 'a b' is not a pattern"),
            (['add = ["lathe.client"]'], "add: it takes tables; write each as [[tool.ginger_async_safe.rules.add]]"),
            (["add = 5"], "add: it takes tables"),
            (["add = [{}]"], "add: '' is no target of a blocking call; write module and name"),
            (['add = [{ target = "boto3" }]'], "add: 'boto3' is no target of a blocking call"),
            (['add = [{ target = "a.b", mnd = "c" }]'], "add: a rule has no 'mnd'; it has target, id, fix,"),
            (['add = [{ target = "a.b", fix = 5 }]'], "add: fix takes a text, not 5"),
            (
                ['add = [{ target = "a.b", id = "os.stat" }]'],
                "add: the id 'os.stat' is that of a rule for os.stat; choose",
            ),
            (
                ['add = [{ target = "a.b" }, { target = "a.c", id = "a.b" }]'],
                "add: the id 'a.b' is that of a rule for a.b",
            ),
            (
                ['add = [{ target = "a.b" }, { target = "a.b", id = "c" }]'],
                "add: there are two rules for a.b; leave one",
            ),
        ],
    )
    def test_mistakes(self, tmp_path: Path, lines: list[str], problem: str) -> None:
        """An invalid value is reported with its place and what to write, also by ``explain()``."""
        path = write(tmp_path, TABLE, *lines)
        for reads_settings in (guard_blocking_calls, explain):
            with pytest.raises(ConfigurationError) as caught:
                reads_settings()
            assert str(caught.value).startswith(f"{TABLE} in {path}: {problem}")

    def test_not_a_table(self, tmp_path: Path) -> None:
        """A list of rules instead of the table is refused."""
        path = write(tmp_path, "[tool.ginger_async_safe]", 'rules = ["file.*"]')
        with pytest.raises(ConfigurationError) as caught:
            guard_blocking_calls()
        assert str(caught.value) == (
            f"{path}: tool.ginger_async_safe.rules is not a table; "
            "write [tool.ginger_async_safe.rules] on a line of its own and the settings below it"
        )

    def test_explained(self, tmp_path: Path) -> None:
        """``explain()`` shows the changes with their source, and how many rules are in force."""
        assert explained()["rules"] == ["all of them   from the default"]
        path = write(
            tmp_path,
            TABLE,
            'without = ["file.*"]',
            'add = [{ target = "lathe.client" }]',
            'only-from = { "time.sleep" = ["shop", "depot"] }',
        )
        settings.forget_file()
        where = f"from {TABLE} in {path}"
        assert explained()["rules"] == [
            f"with lathe.client   {where}",
            f"without file.*   {where}",
            f"time.sleep only from shop, depot   {where}",
        ]
        with guard_blocking_calls():
            assert explained()["rules in force"] == [f"{len(ALL - FILES) + 1} by guard_blocking_calls()"]
        assert "rules in force" not in explained()


class TestCode:
    """The arguments of ``guard_blocking_calls``."""

    def test_on_top_of_the_file(self, tmp_path: Path) -> None:
        """Code changes the rules that the file selects."""
        write(tmp_path, TABLE, 'without = ["file.*"]', 'add = [{ target = "lathe.client" }, { target = "lathe.get" }]')
        mine = BlockingCall("shop.api.open", id="file.mine")
        chosen = ids(guard_blocking_calls(add=[mine], without="time.sleep, lathe.get"))
        assert chosen == ALL - FILES - {"time.sleep"} | {"lathe.client", "file.mine"}

    def test_left_out_twice(self, tmp_path: Path) -> None:
        """Code may leave out a rule that the file already leaves out."""
        write(tmp_path, TABLE, 'without = ["file.*"]')
        assert ids(guard_blocking_calls(without="file.open")) == ALL - FILES

    def test_known_target(self, tmp_path: Path) -> None:
        """A rule for a target that has one already changes the fields that it sets, and no others."""
        known = next(rule for rule in RULES if rule.id == "time.sleep")
        write(tmp_path, TABLE, 'add = [{ target = "time.sleep", fix = "await clock.sleep(...)" }]')
        with guard_blocking_calls(add=[BlockingCall("time.sleep", id="shop.sleep", reason="the shop waits")]) as guard:
            (rule,) = (rule for rule in guard.rules if rule.target == "time.sleep")
        assert rule == replace(known, id="shop.sleep", fix="await clock.sleep(...)", reason="the shop waits")

    def test_replaced(self) -> None:
        """It replaces a rule that is left out."""
        mine = BlockingCall("time.sleep", fix="await clock.sleep(...)")
        with guard_blocking_calls(without="time.sleep", add=[mine]) as guard:
            assert [rule for rule in guard.rules if rule.id == "time.sleep"] == [mine]

    def test_restrictions_of_both(self, tmp_path: Path) -> None:
        """Code's restriction of a rule overrides the file's, which stays for other rules."""
        write(tmp_path, TABLE, 'only-from = { "file.*" = ["shop"], "time.sleep" = ["shop"] }')
        with guard_blocking_calls(only_from={"time.sleep": ["depot"]}) as guard:
            callers = {rule.id: rule.callers for rule in guard.rules}
        assert (callers["file.open"], callers["time.sleep"], callers["os.stat"]) == (("shop",), ("depot",), ())

    @pytest.mark.parametrize(
        ("arguments", "problem"),
        [
            ({"without": "time.slep"}, "without: 'time.slep' matches no rule; `ginger-async-safe rules` lists them"),
            ({"without": 5}, 'without: it takes a list of patterns, such as ["file.*"], not 5'),
            ({"only_from": "shop"}, "only_from: it takes patterns of rules with the packages that each is for"),
            ({"only_from": {"time.slep": "shop"}}, "only_from: 'time.slep' matches no rule"),
            ({"only_from": {"time.sleep": "a b"}}, "only_from: 'a b' is not a pattern"),
            ({"only_from": {"time.sleep": 5}}, "only_from: it takes a list of patterns"),
            ({"add": ["a.b"]}, 'add: it takes a list of BlockingCall, such as [BlockingCall("boto3.client")]'),
            ({"add": BlockingCall("a.b")}, "add: it takes a list of BlockingCall"),
            (
                {"add": [BlockingCall("a.b", id="os.stat")]},
                "add: the id 'os.stat' is that of a rule for os.stat; choose",
            ),
            (
                {"add": [BlockingCall("a.b"), BlockingCall("a.b", id="c")]},
                "add: there are two rules for a.b; leave one",
            ),
        ],
    )
    def test_mistakes(self, arguments: dict[str, Any], problem: str) -> None:
        """An invalid argument is reported, with what to write."""
        with pytest.raises(ConfigurationError) as caught:
            guard_blocking_calls(**arguments)
        assert str(caught.value).startswith(f"guard_blocking_calls(): {problem}")


SLEEPER = """
import time

def nap():
    time.sleep(0.001)

def lend():
    nap()

async def main():
    nap()
"""


@pytest.fixture
def modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A package ``depot`` with a module ``depot.goods``, and a directory to write more to; all of them can be imported."""
    package = tmp_path / "depot"
    package.mkdir()
    (package / "__init__.py").write_text(SLEEPER, encoding="utf-8")
    (package / "goods.py").write_text(SLEEPER, encoding="utf-8")
    (tmp_path / "shop.py").write_text(
        "import depot.goods\n\nasync def main():\n    depot.goods.lend()\n", encoding="utf-8"
    )
    monkeypatch.syspath_prepend(tmp_path)
    yield tmp_path
    for name in ("depot.goods", "depot", "shop"):
        sys.modules.pop(name, None)


def violations_of(main: Callable[[], Any], *callers: str) -> list[str]:
    """Return the violations of a coroutine function while ``time.sleep`` is restricted to some callers."""
    configure(policy="ignore")
    with guard_blocking_calls(only_from={"time.sleep": callers}), listening() as heard:
        asyncio.run(main())
    return [violation.call for violation in heard]


@pytest.mark.usefixtures("modules")
class TestCallers:
    """A rule that is restricted to some packages applies to the calls of these."""

    @pytest.mark.parametrize("callers", [("depot",), ("depot.*",), ("depot.goods",), ("*.goods",), ("shop", "depot")])
    def test_inside(self, callers: tuple[str, ...]) -> None:
        """A package includes everything that is in it."""
        import depot.goods  # type: ignore[import-not-found] # noqa: PLC0415

        assert ["time.sleep"] == violations_of(depot.goods.main, *callers)

    @pytest.mark.parametrize("callers", [("depot",), ("depot.*",)])
    def test_package_itself(self, callers: tuple[str, ...]) -> None:
        """The module ``depot/__init__.py`` is in the package, too."""
        import depot  # noqa: PLC0415

        assert ["time.sleep"] == violations_of(depot.main, *callers)

    @pytest.mark.parametrize("callers", [("shop",), ("depo",), ("depot.good",), ("goods",)])
    def test_outside(self, callers: tuple[str, ...]) -> None:
        """The innermost code is what counts, whatever has called it; names match in full."""
        import depot.goods  # noqa: PLC0415
        import shop  # type: ignore[import-not-found] # noqa: PLC0415

        assert [] == violations_of(depot.goods.main, *callers)
        assert [] == violations_of(shop.main, *callers)

    def test_through_the_standard_library(self) -> None:
        """Calls by the standard library count as calls by the code that called it."""

        async def main() -> None:
            list(map(time.sleep, [0.001]))
            import subprocess  # noqa: PLC0415

            subprocess.run(["true"], check=True)  # noqa: ASYNC221

        configure(policy="ignore")
        only = {"subprocess.Popen": [__name__], "time.sleep": [__name__]}
        with guard_blocking_calls(only_from=only, without="subprocess.run"), listening() as heard:
            asyncio.run(main())
        assert {"time.sleep", "subprocess.Popen"} <= {violation.call for violation in heard}

    @pytest.mark.parametrize(
        ("caller", "calls"), [("shop", ["depot.goods.nap"]), ("depot", ["depot.goods.nap"]), ("x", [])]
    )
    def test_through_the_package_that_is_guarded(self, caller: str, calls: list[str]) -> None:
        """The package that a rule is for is skipped: its own functions call each other."""
        import shop  # noqa: PLC0415

        rule = BlockingCall("depot.goods.nap", callers=(caller,))
        configure(policy="ignore")
        with guard_blocking_calls(add=[rule]), listening() as heard:
            asyncio.run(shop.main())
        assert calls == [violation.call for violation in heard if violation.call != "time.sleep"]

    def test_main_module(self, modules: Path) -> None:
        """A module that runs as the program matches under both of its names."""
        (modules / "depot" / "run.py").write_text(f"{SLEEPER}\nimport asyncio\nasyncio.run(main())\n", encoding="utf-8")
        configure(policy="ignore")
        for callers in (["depot"], ["__main__"]):
            with guard_blocking_calls(only_from={"time.sleep": callers}), listening() as heard:
                runpy.run_module("depot.run", run_name="__main__")
            assert ["time.sleep"] == [violation.call for violation in heard]

    @pytest.mark.parametrize(
        "call", [lambda: time.sleep(0.001), lambda: Path(os.devnull).open().close(), lambda: os.lstat("/")]
    )
    def test_nested(self, call: Callable[[], object]) -> None:
        """Guards that are on together are independent: a call is one violation if one of them covers it."""

        async def main() -> None:
            call()

        def count() -> int:
            with listening() as heard:
                asyncio.run(main())
            return len(heard)

        configure(policy="ignore")
        for outer, inner, inside, after in (
            ({}, {"*": "nobody"}, 1, 1),
            ({}, {"*": __name__}, 1, 1),
            ({"*": "nobody"}, {}, 1, 0),
            ({"*": "nobody"}, {"*": __name__}, 1, 0),
            ({"*": "nobody"}, {"*": "nobody.else"}, 0, 0),
        ):
            with guard_blocking_calls(only_from=outer, without="file.write"):
                with guard_blocking_calls(only_from=inner, without="file.write"):
                    assert inside == count()
                assert after == count()
            assert 0 == count()

    def test_nested_with_other_fields(self) -> None:
        """A guard with other fields for a call changes nothing for one that was on before."""
        path = Path(os.devnull)

        async def main() -> None:
            path.open().close()  # noqa: ASYNC230 - that is what is counted

        configure(policy="ignore")
        with guard_blocking_calls():
            with guard_blocking_calls(add=[BlockingCall("io.open", fix="await aopen(...)")]):
                pass
            with listening() as heard:
                asyncio.run(main())
        assert "file.open" in [violation.call for violation in heard]

    def test_malformed(self) -> None:
        """A rule that is made with a malformed pattern is refused; a text alone is one pattern."""
        assert BlockingCall("a.b", callers="shop.*").callers == ("shop.*",)  # type: ignore[arg-type]
        with pytest.raises(ConfigurationError, match="'a b' is not a pattern"):
            BlockingCall("a.b", callers=("a b",))


class TestOfTheCheck:
    """Rules for every method of a class, which the check alone has."""

    def test_not_guarded(self, tmp_path: Path) -> None:
        """The guard leaves them out, the built-in ones and those of the file, and so does not look for their targets."""
        write(tmp_path, "[[tool.ginger_async_safe.rules.add]]", 'target = "json.JSONDecoder.*"')
        assert ids(guard_blocking_calls()) == ALL

    def test_left_out(self, tmp_path: Path) -> None:
        """The file may leave them out by their ids."""
        write(tmp_path, TABLE, 'without = ["openai.*"]')
        assert ids(guard_blocking_calls()) == ALL

    def test_in_code(self) -> None:
        """In code, where only the guard would see it, such a rule is refused."""
        with pytest.raises(ConfigurationError, match=r"is a rule of the check; add it to \[tool"):
            guard_blocking_calls(add=[BlockingCall("json.JSONDecoder.*")])

    @pytest.mark.parametrize("target", ["*", "*.connect", "json.*()", "json..*", "json"])
    def test_malformed(self, target: str) -> None:
        """A target with * begins with the name of a package."""
        with pytest.raises(ConfigurationError, match="no target of a blocking call"):
            BlockingCall(target)
