"""``ginger-async-safe check``: how options, settings and comments affect the engine's report."""

from __future__ import annotations

import io
import os
import re
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import pytest
from _reports import SLEEP, Terminal, marked, recounts, sleeps, step, write_shop

from ginger_async_safe._config import settings
from ginger_async_safe.cli import main
from ginger_async_safe.lint.check.marked import MarkedFunction
from ginger_async_safe.lint.domain.findings import Finding, Unread

if TYPE_CHECKING:
    from collections.abc import Callable

    from _reports import Engine

CONCISE = """\
shop/views.py:5:5: GAS201 time.sleep blocks the event loop in dashboard, through wait; fix: await asyncio.sleep(...)
shop/views.py:9:5: GAS201 time.sleep blocks the event loop in cart, through wait; fix: await asyncio.sleep(...)
shop/views.py:13:5: GAS201 time.sleep blocks the event loop in shelf, through recount; fix: await asyncio.sleep(...)
"""
TEXT = """\
shop/views.py:5:5: GAS201 time.sleep blocks the event loop in dashboard, through wait; fix: await asyncio.sleep(...)
    → shop/stock.py:5:5 in wait
    → time.sleep: it waits
shop/views.py:9:5: GAS201 time.sleep blocks the event loop in cart, through wait; fix: await asyncio.sleep(...)
    → shop/stock.py:5:5 in wait, then as above
shop/views.py:13:5: GAS201 time.sleep blocks the event loop in shelf, through recount; fix: await asyncio.sleep(...)
    → shop/stock.py:9:5 in recount
    → shop/stock.py:5:5 in wait, then as above

3 findings, of 1 call in 3 files
"""


class TestText:
    """The text report."""

    def test_findings(self, check: Callable[..., tuple[int, str]]) -> None:
        """Each finding has a line, with its call chain below; a call chain that several share is printed once."""
        assert (1, TEXT) == check()

    @pytest.mark.parametrize("option", ["--format", "--output-format"])
    def test_concise(self, option: str, check: Callable[..., tuple[int, str]]) -> None:
        """``concise`` has these lines alone."""
        assert (1, CONCISE) == check(option, "concise")

    def test_concise_in_settings(self, check: Callable[..., tuple[int, str]]) -> None:
        """The settings accept ruff's name of the option, too."""
        write_shop(settings='[tool.ginger_async_safe.check]\noutput-format = "concise"\n')
        assert (1, CONCISE) == check()

    def test_direct(self, engine: Engine, check: Callable[..., tuple[int, str]]) -> None:
        """Below the first direct call is why it blocks; below other ones is nothing."""
        engine.findings = [
            Finding((step("shop/views.py", line, "shop.views.cart", "time.sleep"),), **SLEEP) for line in (5, 9)
        ]
        head = "GAS201 time.sleep blocks the event loop in cart; fix: await asyncio.sleep(...)"
        assert check()[1].startswith(
            f"shop/views.py:5:5: {head}\n    → time.sleep: it waits\nshop/views.py:9:5: {head}\n\n2 findings"
        )

    def test_nothing(self, engine: Engine, check: Callable[..., tuple[int, str]]) -> None:
        """If nothing is found, one line says so, and the exit code is 0."""
        engine.findings.clear()
        assert (0, "no findings in 3 files\n") == check()

    def test_chain_joins_one_above(self, engine: Engine, check: Callable[..., tuple[int, str]]) -> None:
        """A call chain ends where it joins one that was printed before."""
        first, *rest = recounts().chain
        engine.findings.append(Finding((replace(first, line=12), first, *rest), **fields_of(recounts())))
        assert "    → shop/stock.py:9:5 in recount, then as above\n" in check()[1]

    def test_other_fixes(self, engine: Engine, check: Callable[..., tuple[int, str]]) -> None:
        """Each finding is printed with its own fix."""
        one, two = sleeps("dashboard", 5), sleeps("cart", 9)
        engine.findings = [one, Finding(two.chain, two.id, two.call, "await to_thread(wait)", two.reason)]
        found = re.findall("fix: (.*)", check()[1])
        assert ["await asyncio.sleep(...)", "await to_thread(wait)"] == found

    def test_statistics(self, check: Callable[..., tuple[int, str]]) -> None:
        """``--statistics`` adds what was read and resolved."""
        text = check("--statistics")[1]
        assert "\n      3  time.sleep\n" in text
        assert "lines               22\n" in text
        assert "of these resolved   6 (75 %); the other 2 are not reported\n" in text

    def test_packages_read(self, engine: Engine, check: Callable[..., tuple[int, str]]) -> None:
        """``--statistics`` names the packages that are too large, if any was read."""
        assert "packages read" not in check("--statistics")[1]
        engine.packages = ("acme-sdk 2.1",)
        assert check("--statistics")[1].endswith("packages read       1\nread in part        acme-sdk 2.1\n")

    @pytest.mark.parametrize(
        ("options", "text", "expected"),
        [
            ((), "", (False, None)),
            (("--dependencies",), "", (True, None)),
            (("--python", "env"), "", (True, "env")),
            ((), "dependencies = true", (True, None)),
            (("--no-dependencies",), "dependencies = true", (False, None)),
            (("--python", "env", "--no-dependencies"), "", (False, "env")),
        ],
    )
    def test_dependencies(
        self,
        engine: Engine,
        check: Callable[..., tuple[int, str]],
        options: tuple[str, ...],
        text: str,
        expected: tuple[bool, str | None],
    ) -> None:
        """Options win over the settings, and ``--python`` is relative to the working directory."""
        Path("pyproject.toml").write_text(f"[tool.ginger_async_safe.check]\n{text}\n", encoding="utf-8")
        check(*options)
        settings = engine.arguments["settings"]
        python = None if expected[1] is None else str(Path(expected[1]).absolute())
        assert (expected[0], python) == (settings.dependencies, settings.python)

    def test_old_console(self, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
        """A console without arrows in its encoding gets replacements."""
        with monkeypatch.context() as patch:
            console = io.TextIOWrapper(io.BytesIO(), encoding="ascii", newline="")
            patch.setattr("sys.stdout", console)
            main(["check"])
            console.seek(0)
            assert TEXT.replace("→", "->") == console.read()

    def test_colour(self, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
        """A terminal gets colours, unless NO_COLOR is set."""
        monkeypatch.setenv("TERM", "xterm")
        monkeypatch.delenv("NO_COLOR", raising=False)
        assert "\033[1m" in on_terminal(monkeypatch)
        monkeypatch.setenv("NO_COLOR", "1")
        assert TEXT == on_terminal(monkeypatch)


def fields_of(finding: Finding) -> dict[str, Any]:
    """Return the fields of a finding without its call chain."""
    return {"id": finding.id, "call": finding.call, "fix": finding.fix, "reason": finding.reason}


def on_terminal(monkeypatch: pytest.MonkeyPatch) -> str:
    """Return what the check prints on a terminal."""
    with monkeypatch.context() as patch:
        terminal = Terminal()
        patch.setattr("sys.stdout", terminal)
        main(["check"])
        return terminal.getvalue()


class TestWhatIsRead:
    """Which files the engine reads."""

    def test_working_directory(self, engine: Engine, check: Callable[..., tuple[int, str]]) -> None:
        """Without a path, the working directory is checked, and the project's folder is that of its settings."""
        os.chdir("shop")
        check()
        assert ([Path.cwd()], Path.cwd().parent) == (engine.arguments["paths"], engine.arguments["root"])

    def test_of_settings(self, engine: Engine, check: Callable[..., tuple[int, str]]) -> None:
        """The settings may name paths, relative to the project's folder."""
        write_shop(settings='[tool.ginger_async_safe.check]\npaths = ["shop"]\n')
        root = Path.cwd()
        os.chdir("shop")
        check()
        assert [root / "shop"] == engine.arguments["paths"]

    def test_paths_of_the_command_line(self, engine: Engine, check: Callable[..., tuple[int, str]]) -> None:
        """Paths on the command line override those of the settings."""
        check("shop/views.py", "shop/stock.py")
        assert [Path.cwd() / "shop/views.py", Path.cwd() / "shop/stock.py"] == engine.arguments["paths"]

    def test_missing_path(self, check: Callable[..., tuple[int, str]]) -> None:
        """A path that does not exist is an error."""
        assert (2, "ginger-async-safe: there is no file or folder nowhere; give one that exists\n") == check("nowhere")

    def test_missing_path_of_settings(self, check: Callable[..., tuple[int, str]]) -> None:
        """A path of the settings that does not exist is, too, and the error names the settings."""
        write_shop(settings='[tool.ginger_async_safe.check]\npaths = ["nowhere"]\n')
        code, text = check()
        assert 2 == code
        assert "(paths from [tool.ginger_async_safe.check] in " in text

    def test_cache(self, engine: Engine, check: Callable[..., tuple[int, str]]) -> None:
        """The cache is in the project's folder; with ``--no-cache`` there is none."""
        check()
        assert Path.cwd() / ".ginger_async_safe_cache" == engine.arguments["settings"].cache
        check("--no-cache")
        assert engine.arguments["settings"].cache is None

    def test_unread(self, engine: Engine, check: Callable[..., tuple[int, str]]) -> None:
        """If a file could not be read, the exit code is 2, and findings are printed nevertheless."""
        engine.unread = [Unread(Path.cwd() / "shop" / "x.py", 3, "no Python"), Unread(Path.cwd() / "y.py", 0, "gone")]
        code, text = check()
        assert 2 == code
        assert text.startswith(CONCISE.splitlines()[0])
        assert "could not be read\n  shop/x.py:3: no Python\n  y.py: gone\n" in text
        assert text.endswith("3 findings, of 1 call in 3 files; 2 places not read\n")


class TestSelection:
    """``--select``, ``--ignore``, and the same in the settings."""

    @pytest.mark.parametrize("name", ["time.sleep", "time", "time.*", "GAS201", "GAS2", "files,time", "*"])
    def test_select(self, name: str, engine: Engine, check: Callable[..., tuple[int, str]]) -> None:
        """A rule is named by its id, a pattern, its category, or the category's code."""
        engine.findings = [sleeps("cart", 9)]
        assert 1 == check("--select", name)[0]
        assert 0 == check("--ignore", name)[0]

    @pytest.mark.parametrize("name", ["marked", "marked:shop.stock.recount", "marked:shop.*", "GAS101", "*"])
    def test_marked(self, name: str, engine: Engine, check: Callable[..., tuple[int, str]]) -> None:
        """Marked functions are named in the same way."""
        engine.findings = [marked()]
        assert (1, 0) == (check("--select", name)[0], check("--ignore", name)[0])

    @pytest.mark.parametrize("name", ["files", "marked", "orm:get", "django.db.*", "GAS299", "os.*"])
    def test_not_selected(self, name: str, check: Callable[..., tuple[int, str]]) -> None:
        """Rules that are not selected are not reported."""
        assert (0, 1) == (check("--select", name)[0], check("--ignore", name)[0])

    def test_settings(self, check: Callable[..., tuple[int, str]]) -> None:
        """The settings select the rules if no option does."""
        write_shop(settings='[tool.ginger_async_safe.check]\nignore = ["time"]\n')
        assert (0, 1) == (check()[0], check("--ignore", "files")[0])

    @pytest.mark.parametrize("option", ["--select", "--ignore", "--explain"])
    def test_unknown(self, option: str, check: Callable[..., tuple[int, str]]) -> None:
        """A name that matches no rule is refused, with similar names."""
        code, text = check(option, "time.slep")
        assert 2 == code
        assert "'time.slep' matches no rule; did you mean time.sleep" in text

    @pytest.mark.parametrize(
        ("name", "meant"),
        [
            ("orm:relatoin", "orm:relation"),
            ("orm:itrate", "orm:iterate"),
            ("orm:nothing.*", ""),
            ("django.db.models.query.QuerySet.gett", "django.db.models.query.QuerySet.get"),
        ],
    )
    @pytest.mark.parametrize("option", ["--select", "--ignore", "--explain"])
    def test_unknown_of_the_orm(
        self, option: str, name: str, meant: str, check: Callable[..., tuple[int, str]]
    ) -> None:
        """A name of the ORM that it does not have is refused, too: it would be an empty selection for ever."""
        code, text = check(option, name)
        assert 2 == code
        assert f"{name!r} matches no rule" in text
        assert meant in text

    @pytest.mark.parametrize("option", ["--select", "--ignore"])
    @pytest.mark.parametrize(
        ("name", "meant"),
        [("marked:shop.stock.recuont", "; did you mean marked:shop.stock.recount?"), ("marked:nowhere.*", ";")],
    )
    def test_unknown_marked(
        self, option: str, name: str, meant: str, engine: Engine, check: Callable[..., tuple[int, str]]
    ) -> None:
        """A name of marked functions that the project does not have is refused, with similar ones."""
        engine.marks = [MarkedFunction("shop.stock.recount", ""), MarkedFunction("legacy.run", "")]
        code, text = check(option, name)
        assert 2 == code
        assert f"{name!r} matches no marked function{meant} `--select marked` selects all of them" in text

    @pytest.mark.parametrize(
        "name", ["marked:shop.stock.recount", "marked:shop.*", "marked:legacy.run", "marked:legacy.*"]
    )
    def test_known_marked(self, name: str, engine: Engine, check: Callable[..., tuple[int, str]]) -> None:
        """The name of a marked function that nothing async reaches is no error, nor is what the settings mark."""
        write_shop(settings='[tool.ginger_async_safe.check]\nmarked = ["legacy.*"]\n')
        engine.marks = [MarkedFunction("shop.stock.recount", "")]
        assert (0, 1) == (check("--select", name)[0], check("--ignore", name)[0])

    def test_marked_in_what_is_not_read(self, engine: Engine, check: Callable[..., tuple[int, str]]) -> None:
        """If a file could not be read, which names there are is not known."""
        engine.unread = [Unread(Path.cwd() / "shop" / "x.py", 3, "no Python")]
        assert "matches no marked function" not in check("--select", "marked:shop.x.run")[1]

    @pytest.mark.parametrize(
        ("table", "found"),
        [
            ('"shop/*" = ["time"]', 0),
            ('"views.py" = ["GAS201"]', 0),
            ('"shop" = ["time.*"]', 0),
            ('"shop/stock.py" = ["time"]', 3),
            ('"shop/*" = ["files"]', 3),
            ('"!shop/*" = ["time"]', 3),
            ('"!tests/*" = ["time"]', 0),
        ],
    )
    def test_per_file(self, table: str, found: int, check: Callable[..., tuple[int, str]]) -> None:
        """Rules can be ignored where the async function is in certain files."""
        write_shop(settings=f"[tool.ginger_async_safe.check.per-file-ignores]\n{table}\n")
        assert found == len(check("--format", "concise")[1].splitlines())

    def test_malformed(self, check: Callable[..., tuple[int, str]]) -> None:
        """A malformed name is refused."""
        assert 2 == check("--select", "a b")[0]
        assert 2 == check("--select", "marked:a b")[0]


class TestExplain:
    """``--explain RULE``."""

    @pytest.mark.parametrize("name", ["time.sleep", "time.*", "time", "GAS201"])
    def test_rule(self, name: str, check: Callable[..., tuple[int, str]]) -> None:
        """It prints what ``rules`` prints, and the code."""
        code, text = check("--explain", name)
        assert 0 == code
        assert "time.sleep\n  category  time\n" in text
        assert text.endswith("  noqa      GAS201\n")
        assert text.count("  category  time\n") == text.count("  category ") == (1 if "." in name else 3)

    @pytest.mark.parametrize(
        ("name", "code"), [("orm:get", "GAS102"), ("orm", "GAS102"), ("marked:a.b", "GAS101"), ("GAS102", "GAS102")]
    )
    def test_kind(self, name: str, code: str, check: Callable[..., tuple[int, str]]) -> None:
        """Kinds of findings without a rule have a general explanation."""
        assert check("--explain", name)[1].splitlines()[-1] == f"  noqa      {code}"

    @pytest.mark.parametrize(
        ("name", "explained"),
        [
            ("orm:get", ["orm:get"]),
            ("orm:savepoint*", ["orm:savepoint", "orm:savepoint_commit", "orm:savepoint_rollback"]),
            ("gingerdj.db.models.query.QuerySet.__iter__", ["orm:contains", "orm:iterate"]),
            ("django.contrib.auth.*", ["orm:delete", "orm:get", "orm:save"]),
            ("marked:shop.stock.recount", ["marked:shop.stock.recount"]),
            ("shop.stock.recount", ["marked:shop.stock.recount"]),
            ("suppression", ["suppression"]),
            ("baseline", ["baseline"]),
        ],
    )
    def test_printed_names(
        self, name: str, explained: list[str], engine: Engine, check: Callable[..., tuple[int, str]]
    ) -> None:
        """Each name that is printed is accepted: ids, and the names of calls."""
        engine.marks = [MarkedFunction("shop.stock.recount", "")]
        code, text = check("--explain", name)
        assert (0, explained) == (code, [line for line in text.splitlines() if not line.startswith(" ")])

    def test_nothing(self, check: Callable[..., tuple[int, str]]) -> None:
        """A code that no rule has here is an error, not an empty explanation."""
        code, text = check("--explain", "GAS298")
        assert (2, True) == (code, "GAS298" in text)


MANY = """
import sys
from _reports import Engine, sleeps, write_shop
import ginger_async_safe.lint.check
from ginger_async_safe.cli import main

write_shop()
engine = Engine()
engine.findings = [sleeps("cart", line) for line in range(10_000)]
ginger_async_safe.lint.check.engine = sys.modules["ginger_async_safe.lint.check.engine"] = engine
sys.exit(main(["check"]))
"""


READING_FOR_LONG = """
import threading
from ginger_async_safe.cli import main
from ginger_async_safe.lint.check import reading

def parsed(data):
    print("it reads", flush=True)
    threading.Event().wait()

reading.parsed = parsed
main(["check", "--no-cache", "shop.py"])
"""


def printing_into(output: IO[bytes]) -> subprocess.CompletedProcess[str]:
    """Redirect much output of a command to a file."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    words = [sys.executable, "-c", MANY]
    return subprocess.run(words, env=environment, stdout=output, stderr=subprocess.PIPE, text=True, check=False)


class TestEnds:
    """How the command ends if it cannot do its work."""

    def test_output_closed_by_its_reader(self) -> None:
        """If the reader of the output closes it, as ``head`` does, there is no traceback."""
        reads, writes = os.pipe()
        os.close(reads)
        with os.fdopen(writes, "wb") as output:
            done = printing_into(output)
        assert (1, "") == (done.returncode, done.stderr)

    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
    def test_no_room(self) -> None:
        """If the output cannot be written, that is not reported as a finding."""
        with Path("/dev/full").open("wb") as output:
            done = printing_into(output)
        assert 2 == done.returncode
        assert "ginger-async-safe: standard output cannot be written: No space left on device; " in done.stderr
        assert 1 == len(done.stderr.splitlines())

    def test_interrupted(self, tmp_path: Path) -> None:
        """An interrupt ends it at once, as it ends other programs: by that signal, without output."""
        tmp_path.joinpath("shop.py").write_text("x = 1")
        words = [sys.executable, "-c", READING_FOR_LONG]
        with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            assert "it reads\n" == process.stdout.readline()
            process.send_signal(signal.SIGINT)
            assert ("", "") == process.communicate(timeout=30)
        assert -signal.SIGINT == process.returncode

    def test_exit_zero(self, engine: Engine, check: Callable[..., tuple[int, str]]) -> None:
        """With ``--exit-zero``, findings do not fail it, and errors do."""
        assert (0, TEXT) == check("--exit-zero")
        assert '"exit_code": 0' in check("--exit-zero", "--format", "json")[1]
        engine.unread = [Unread(Path.cwd() / "shop" / "x.py", 3, "no Python")]
        assert 2 == check("--exit-zero")[0]

    def test_nothing_to_read(self, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
        """A folder without Python files is not reported as one without findings."""
        (tmp_path / "empty").mkdir()
        assert 2 == main(["check", "empty"])
        assert "there is no Python file below empty; name a folder or file that has some" in capsys.readouterr().err


class TestPolicy:
    """Settings of the guard that the check follows, too."""

    def test_allow(self, check: Callable[..., tuple[int, str]]) -> None:
        """What the settings allow is not a finding, and is counted."""
        write_shop(settings='[tool.ginger_async_safe]\nallow = ["time.*"]\n')
        code, text = check()
        assert 0 == code
        assert "3 findings suppressed by allow from [tool.ginger_async_safe] in " in text

    def test_hatch(self, monkeypatch: pytest.MonkeyPatch, check: Callable[..., tuple[int, str]]) -> None:
        """What the escape hatch allows is not, either."""
        monkeypatch.setenv("GINGER_ALLOW_ASYNC_UNSAFE", "time.*")
        assert (0, "no findings in 3 files\n3 findings suppressed by the escape hatch\n") == check()

    def test_ignore(self, monkeypatch: pytest.MonkeyPatch, check: Callable[..., tuple[int, str]]) -> None:
        """Under the policy ``ignore`` there are no findings."""
        monkeypatch.setenv("GINGER_ASYNC_SAFE", "ignore")
        assert (0, "no findings in 3 files\n3 findings suppressed by policy from GINGER_ASYNC_SAFE\n") == check()

    @pytest.mark.parametrize("policy", ["warn", "log"])
    def test_warn(self, policy: str, monkeypatch: pytest.MonkeyPatch, check: Callable[..., tuple[int, str]]) -> None:
        """Under a policy that allows calls, findings are warnings, and do not affect the exit code."""
        monkeypatch.setenv("GINGER_ASYNC_SAFE", policy)
        code, text = check()
        assert 0 == code
        assert "3 findings, of 1 call in 3 files\nthe policy allows such calls: these are warnings" in text
        assert check("--format", "github")[1].startswith("::warning file=shop/views.py,line=5,col=5,")

    def test_only_from(self, check: Callable[..., tuple[int, str]]) -> None:
        """A rule that applies to the calls of some packages finds no others."""
        for package, code in (("shop", 1), ("shop.stock", 1), ("shop.views", 0), ("shopping", 0)):
            write_shop(settings=f'[tool.ginger_async_safe.rules.only-from]\n"time.*" = ["{package}"]\n')
            settings.forget_file()
            assert code == check()[0]

    @pytest.mark.parametrize("settings", ["policy = 'shout'", "[tool.ginger_async_safe.check]\npath = ['x']"])
    def test_bad_settings(self, settings: str, check: Callable[..., tuple[int, str]]) -> None:
        """Invalid settings are errors."""
        write_shop(settings=f"[tool.ginger_async_safe]\n{settings}\n")
        assert 2 == check()[0]
