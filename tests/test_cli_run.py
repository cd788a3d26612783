"""``ginger-async-safe run``: a program runs as under Python itself, with the rules enabled in all of its processes."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import urllib.request
from contextlib import suppress
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING, Any

import pytest
from _pytest.assertion.rewrite import AssertionRewriter
from _running import TIMEOUT
from _servers import answers

import ginger_async_safe
from ginger_async_safe.cli import main

if TYPE_CHECKING:
    from collections.abc import Sequence

    from typing_extensions import Self

RUN = [sys.executable, "-m", "ginger_async_safe", "run"]
PATIENCE = 3 * TIMEOUT

NAPS = """
import asyncio, sys, time

def nap():
    time.sleep(0.001)

async def naps():
    for _ in range(3):
        nap()

def on_loop():
    asyncio.run(naps())
"""


@pytest.fixture(autouse=True)
def _naps(tmp_path: Path) -> None:
    (tmp_path / "naps.py").write_text(NAPS, encoding="utf-8")


def done(*command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(
        command, check=False, capture_output=True, env={**os.environ, **variables}, text=True, timeout=PATIENCE
    )


def script(source: str, name: str = "script.py") -> str:
    """Write a script, and return its name."""
    path = Path(name)
    path.parent.mkdir(exist_ok=True)
    path.write_text(dedent(source), encoding="utf-8")
    return name


def reported(report: str = "found.json") -> dict[tuple[str, str], int]:
    """Return the count of each call at each place, from a report."""
    found = json.loads(Path(report).read_text(encoding="utf-8"))
    return {(each["call"], each["place"]): each["count"] for each in found["violations"]}


class Started:
    """A running process whose output is read as it arrives."""

    def __init__(self, *command: str) -> None:
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
        )
        self.output = ""
        self._watchdog = threading.Timer(PATIENCE, self._kill)

    def __enter__(self) -> Self:
        self._watchdog.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._watchdog.cancel()
        self._kill()
        self.process.communicate()

    def _kill(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)

    def wait_for(self, pattern: str, times: int = 1) -> str:
        """Read until a pattern has been found that many times; return the last match."""
        assert self.process.stdout is not None
        while len(found := re.findall(pattern, self.output)) < times:
            line = self.process.stdout.readline()
            assert line, f"it ended without {pattern!r}:\n{self.output}"
            self.output += line
        text: str = found[-1]
        return text

    def ended_by(self, number: signal.Signals) -> int:
        """Send a signal, and return the exit code."""
        self.process.send_signal(number)
        self.output += self.process.communicate(timeout=PATIENCE)[0]
        return self.process.returncode


class TestAsPythonItself:
    """A program behaves as it does without this command."""

    @pytest.mark.parametrize(
        "source",
        [
            "import sys; sys.exit()",
            "import sys; sys.exit(3)",
            "import sys; sys.exit('no stock')",
            "raise ValueError('no stock')",
            "raise KeyboardInterrupt",
            "import os; os._exit(5)",
            "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
            "import os, signal; os.kill(os.getpid(), signal.SIGTERM); signal.pause()",
            "import atexit; atexit.register(print, 'bye'); print('hello')",
            "import sys; print(sys.argv, sys.path, sys.flags, sys.orig_argv[1:], __name__, __file__, __spec__)",
            "import sys, os; print(sys.stdin.read(), os.getcwd(), __builtins__, sorted(globals()))",
            "import signal; print([signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM, signal.SIGPIPE)])",
            "def broken(:",
        ],
    )
    def test_scripts(self, source: str) -> None:
        """Exit code, output and traceback are the same."""
        name = script(source)
        plain, guarded = done(sys.executable, name, "-q", "--", "x y"), done(*RUN, "--", name, "-q", "--", "x y")
        assert (plain.returncode, plain.stdout, plain.stderr) == (guarded.returncode, guarded.stdout, guarded.stderr)

    def test_options(self) -> None:
        """Options of the Python that runs the command are passed on to the program."""
        name = script("import sys; print(sys.flags, sys.warnoptions, sys._xoptions)")
        options = ["-W", "error", "-X", "dev", "-O"]
        plain = done(sys.executable, *options, name)
        guarded = done(sys.executable, *options, *RUN[1:], "--", name)
        assert (plain.stdout, plain.stderr) == (guarded.stdout, guarded.stderr)

    @pytest.mark.parametrize(
        "args",
        [
            ["-m", "shop.main", "-q"],
            ["-m", "shop"],
            ["-m", "no_such_module"],
            ["no_such_file.py"],
            ["-c", "import sys; print(sys.argv, sys.path)", "--report"],
            ["-W", "ignore", "-X", "dev", "shop/main.py"],
            ["shop"],
        ],
    )
    def test_modules(self, args: Sequence[str]) -> None:
        """The same is true for modules, directories, code and options."""
        script(
            'import sys; print(sys.argv, sys.path, __name__, __file__, getattr(__spec__, "name", 0), sys.flags)',
            "shop/main.py",
        )
        script("import sys; print(sys.argv, sys.path, __name__, __file__, sys.flags)", "shop/__main__.py")
        plain, guarded = done(sys.executable, *args), done(*RUN, "--", *args)
        assert (plain.returncode, plain.stdout, plain.stderr) == (guarded.returncode, guarded.stdout, guarded.stderr)

    @pytest.mark.parametrize("report", [[], ["--report", "found.json"]], ids=["no report", "report"])
    @pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
    @pytest.mark.parametrize("handles", [False, True])
    def test_signals(self, number: signal.Signals, report: list[str], handles: bool) -> None:
        """A signal ends it as it does without the command, or is handled."""
        name = script(f"""
            import signal, sys, naps
            def handle(number, frame):
                sys.exit(7)
            if {handles}:
                signal.signal(signal.{number.name}, handle)
            naps.time.sleep(0)
            print("ready", flush=True)
            while True:  # in pause() it would miss a signal that comes just before
                pass
        """)
        codes = []
        for args in ([sys.executable, name], [*RUN, *report, "--", name]):
            with Started(*args) as started:
                started.wait_for("ready")
                codes.append(started.ended_by(number))
        assert [7 if handles else -number] * 2 == codes
        if report:
            assert reported() == {}

    def test_without_dashes(self) -> None:
        """The two dashes may be left out; those of the program are kept."""
        name = script("import sys; print(sys.argv[1:])")
        assert "['-x', '--', '--policy']\n" == done(*RUN, name, "-x", "--", "--policy").stdout

    def test_their_sitecustomize(self, tmp_path: Path) -> None:
        """The environment's own ``sitecustomize`` is imported too, and its errors propagate."""
        (tmp_path / "site").mkdir()
        theirs = tmp_path / "site" / "sitecustomize.py"
        name = script(
            "import sys, sitecustomize; print(sitecustomize.__file__, sys.path[1]); import naps; naps.on_loop()"
        )
        theirs.write_text("print('theirs')", encoding="utf-8")  # in the command's own process, and in the program
        guarded = done(*RUN, "--report", "found.json", "--", name, PYTHONPATH=str(tmp_path / "site"))
        assert (f"theirs\ntheirs\n{theirs} {theirs.parent}\n", 1) == (guarded.stdout, len(reported()))
        theirs.write_text("import no_such_module", encoding="utf-8")
        guarded = done(*RUN, "--report", "found.json", "--", name, PYTHONPATH=str(tmp_path / "site"))
        assert "ModuleNotFoundError: No module named 'no_such_module'" in guarded.stderr

    def test_other_environments(self) -> None:
        """A Python of another environment that the program starts is not affected."""
        name = script(f"""
            import subprocess, sys
            code = "import sys; print('ginger_async_safe' in sys.modules, [each for each in sys.path if 'hook' in each])"
            for python in (sys.executable, {str(Path(sys.executable).resolve())!r}):
                print(subprocess.run([python, "-c", code], capture_output=True, text=True).stdout.strip())
        """)
        guarded = done(*RUN, "--", name)
        others = "False" if sys.prefix != sys.base_prefix else "True"
        assert (f"True []\n{others} []\n", "") == (guarded.stdout, guarded.stderr)


class TestRules:
    """The rules are enabled."""

    def test_raise(self) -> None:
        """By default a violation raises."""
        guarded = done(*RUN, "--", "-c", "import naps; naps.on_loop()")
        assert 1 == guarded.returncode
        assert "  at        naps.py:5 in nap\n" in guarded.stderr

    @pytest.mark.parametrize(
        ("policy", "code", "says"),
        [
            ("raise", 1, "SynchronousOnlyOperation"),
            ("warn", 0, "AsyncUnsafeWarning"),
            ("log", 0, "fix:"),
            ("ignore", 0, ""),
        ],
    )
    def test_policy(self, policy: str, code: int, says: str) -> None:
        """``--policy`` overrides the settings, also those that the program makes."""
        source = "import naps, ginger_async_safe; ginger_async_safe.configure(policy='ignore'); naps.on_loop()"
        guarded = done(*RUN, "--policy", policy, "--", "-c", source)
        assert (code, True) == (guarded.returncode, says in guarded.stderr)
        if policy == "ignore":
            assert "" == guarded.stderr

    def test_settings(self, tmp_path: Path) -> None:
        """The settings of the rules hold, and those of the policy."""
        (tmp_path / "pyproject.toml").write_text(
            '[tool.ginger_async_safe]\nrules = { without = ["time.sleep"] }\n', encoding="utf-8"
        )
        assert 0 == done(*RUN, "--", "-c", "import naps; naps.on_loop()").returncode

    @pytest.mark.parametrize(
        ("args", "table", "problem"),
        [
            ([], 'rules = { without = ["time.slep"] }', "'time.slep' matches no rule"),
            ([], 'policy = "shout"', "'shout' is not a policy"),
            (["--report", "found.txt"], "", "--report=found.txt: the name of the file must end with .html or .json"),
            (["--report", "dir.html"], "", "--report=dir.html is a directory; name a file in it"),
        ],
    )
    def test_mistakes(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str], args: list[str], table: str, problem: str
    ) -> None:
        """Invalid settings and options are reported before the program starts."""
        (tmp_path / "dir.html").mkdir()
        (tmp_path / "pyproject.toml").write_text(f"[tool.ginger_async_safe]\n{table}\n", encoding="utf-8")
        assert 1 == main(["run", *args, "--", "script.py"])
        assert problem in capsys.readouterr().err


class TestWatch:
    """``--watch`` logs loops that are blocked, also by what no rule covers."""

    @pytest.mark.parametrize("option", [["--watch"], ["--watch", "0.05"], ["--watch=0.05"]])
    def test_computing(self, option: list[str]) -> None:
        """A loop that is blocked by a computation is logged, with the line."""
        name = script("""
            import asyncio, time
            async def main():
                end = time.monotonic() + 1
                while time.monotonic() < end:
                    pass
            asyncio.run(main())
        """)
        guarded = done(*RUN, *option, "--", name)
        assert 0 == guarded.returncode
        assert re.search(r"script\.py:[4-6] in async main", guarded.stderr), guarded.stderr

    def test_too_short(self, capsys: pytest.CaptureFixture[str]) -> None:
        """A threshold that is too short is refused before the program starts."""
        assert 1 == main(["run", "--watch", "0", "--", "script.py"])
        assert "threshold=0.0 is too short" in capsys.readouterr().err


class TestReport:
    """``--report`` allows violations, and reports them when the program ends, whichever way it ends."""

    @pytest.mark.parametrize(
        ("end", "code"),
        [
            ("pass", 0),
            ("sys.exit(3)", 3),
            ("raise ValueError", 1),
            ("raise KeyboardInterrupt", -signal.SIGINT),
            ("os.kill(os.getpid(), signal.SIGTERM)", -signal.SIGTERM),
            ("sys.stderr.close()", 0),
            ("sys.stderr = None", 0),
        ],
    )
    def test_ends(self, end: str, code: int) -> None:
        """The exit code is the program's own, and the report is written."""
        name = script(f"import os, signal, sys, naps\nnaps.on_loop()\n{end}\n")
        guarded = done(*RUN, "--report", "found.json", "--", name)
        assert (code, {("time.sleep", "naps.nap"): 3}) == (guarded.returncode, reported())

    def test_json(self) -> None:
        """One line is printed; the JSON has the fields that pytest's report has."""
        guarded = done(*RUN, "--report=deep/found.json", "--", "-c", "import naps; naps.on_loop()")
        path = Path("deep/found.json").absolute()
        assert ("", f"ginger-async-safe: 3 violations at 1 place: see {path}\n") == (guarded.stdout, guarded.stderr)
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        assert {"version", "mode", "violations", "noted", "grants", "allowed"} == set(found)
        assert "report" == found["mode"]
        (violation,) = found["violations"]
        assert {"call", "place", "count", "owner", "package", "record"} == set(violation)
        assert "await sync_to_async(nap)(...)" == violation["record"]["fix"]

    def test_policy(self) -> None:
        """If a policy is given as well, it decides."""
        guarded = done(*RUN, "--report=found.json", "--policy=raise", "--", "-c", "import naps; naps.on_loop()")
        assert (1, {("time.sleep", "naps.nap"): 1}) == (guarded.returncode, reported())

    def test_grants_and_settings(self) -> None:
        """Calls that grants and settings allow are listed."""
        source = """
            import asyncio, time
            from ginger_async_safe import allow_async_unsafe
            async def main():
                with allow_async_unsafe(reason="<old>", calls="time.sleep"):
                    time.sleep(0.001)
                open("/dev/null").close()
            asyncio.run(main())
        """
        done(*RUN, "--report=found.json", "--", script(source), GINGER_ASYNC_SAFE="allow=file.*")
        found = json.loads(Path("found.json").read_text(encoding="utf-8"))
        assert [("time.sleep", "<old>", 1)] == [
            (each["calls"], each["reason"], each["used"]) for each in found["grants"]
        ]
        assert {"file.open"} == {each["call"] for each in found["allowed"]}
        done(*RUN, "--report=found.html", "--", script(source), GINGER_ASYNC_SAFE="allow=file.*")
        page = Path("found.html").read_text(encoding="utf-8")
        assert "&lt;old&gt;" in page
        assert "allow from GINGER_ASYNC_SAFE" in page

    def test_page(self) -> None:
        """The HTML page needs no other file, and all text in it is escaped."""
        script("import naps\nnaps.on_loop()\n", "<script>alert(1).py")
        done(*RUN, "--report", "found.html", "--", "<script>alert(1).py", "<b>&")
        page = Path("found.html").read_text(encoding="utf-8")
        assert "<strong>3 violations at 1 place</strong>" in page
        assert "at        naps.py:5 in nap\n" in page
        assert "  count     3</pre>" in page
        assert "&lt;b&gt;&amp;" in page
        assert [] == re.findall(r"<script|<b>|https?:|src=|<link|@import|url\(", page)

    def test_nothing_found(self) -> None:
        """A program without violations gets a report that says so."""
        guarded = done(*RUN, "--report", "found.html", "--", "-c", "")
        assert "ginger-async-safe: no violations: see " in guarded.stderr
        assert "no violations" in Path("found.html").read_text(encoding="utf-8")

    def test_unwritable(self) -> None:
        """A report that cannot be written is an error message, and changes nothing else."""
        guarded = done(*RUN, "--report", "naps.py/found.json", "--", "-c", "raise SystemExit(3)")
        assert 3 == guarded.returncode
        assert re.fullmatch(
            "ginger-async-safe: --report=.*found.json cannot be written .*; name a file that can be written\n",
            guarded.stderr,
        )

    def test_leaves_nothing(self, tmp_path: Path) -> None:
        """No temporary file is left."""
        (tmp_path / "temporary").mkdir()
        name = script(
            "import multiprocessing, naps\nif __name__ == '__main__':\n"
            "    child = multiprocessing.get_context('spawn').Process(target=naps.on_loop)\n"
            "    child.start()\n    child.join()\n"
        )
        done(*RUN, "--report=found.json", "--", name, TMPDIR=str(tmp_path / "temporary"))
        assert (1, []) == (len(reported()), list((tmp_path / "temporary").glob("ginger*")))


class TestChildren:
    """The rules are enabled in the Python processes that a program starts, and its report includes them."""

    @pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
    def test_multiprocessing(self, method: str) -> None:
        """Processes of each start method are included, and violations of the first process are counted once."""
        name = script(f"""
            import multiprocessing, naps
            if __name__ == "__main__":
                naps.on_loop()
                context = multiprocessing.get_context({method!r})
                children = [context.Process(target=naps.on_loop) for _ in range(2)]
                for each in children:
                    each.start()
                for each in children:
                    each.join()
        """)
        guarded = done(*RUN, "--report", "found.json", "--", name)
        assert ({("time.sleep", "naps.nap"): 9}, 0) == (reported(), guarded.returncode)

    def test_other_children(self) -> None:
        """So are Python programs in a subprocess, and processes that are forked directly."""
        name = script("""
            import os, subprocess, sys, naps
            subprocess.run([sys.executable, "-c", "import naps; naps.on_loop()"], check=True)
            child = os.fork()
            naps.on_loop()
            if child:
                os.waitpid(child, 0)
        """)
        done(*RUN, "--report", "found.json", "--", name)
        assert {("time.sleep", "naps.nap"): 9} == reported()

    @pytest.mark.parametrize("end", ["os._exit(0)", "os.kill(os.getpid(), 9)", "os.kill(os.getpid(), 15)"])
    def test_children_that_are_ended(self, end: str) -> None:
        """Records of a child process are saved while it runs, because servers may kill their workers."""
        name = script(f"""
            import os, signal, naps
            child = os.fork()
            if child:
                os.waitpid(child, 0)
            else:
                signal.signal(signal.SIGTERM, signal.SIG_DFL)
                naps.on_loop()
                {end}
        """)
        done(*RUN, "--report", "found.json", "--", name)
        assert {("time.sleep", "naps.nap"): 2} == reported()

    def test_raise(self) -> None:
        """Without a report, violations in them raise."""
        name = script("""
            import subprocess, sys
            sys.exit(subprocess.run([sys.executable, "-c", "import naps; naps.on_loop()"]).returncode + 6)
        """)
        assert 7 == done(*RUN, "--", name).returncode


SHOP = """
import time

async def application(scope, receive, send):
    if scope["type"] == "lifespan":
        while True:
            message = await receive()
            await send({"type": message["type"] + ".complete"})
            if message["type"] == "lifespan.shutdown":
                return
    time.sleep(0.001)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})
"""


class TestPrograms:
    """Well-known programs."""

    @pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
    @pytest.mark.parametrize("workers", ["1", "2"])
    def test_uvicorn(self, number: signal.Signals, workers: str) -> None:
        """A server serves, ends by a signal as it does without the command, and its workers are in the report."""
        script(SHOP, "shop.py")
        serve = ["uvicorn", "--port", "0", "--workers", workers, "shop:application"]
        codes = []
        for args in ([sys.executable, "-m", *serve], [*RUN, "--report", "found.json", "--", *serve]):
            with Started(*args) as server:
                address = server.wait_for(r"Uvicorn running on (http://\S+)")
                server.wait_for("Application startup complete", int(workers))
                assert answers(server.process, int(address.rpartition(":")[2]))
                with urllib.request.urlopen(address, timeout=TIMEOUT) as answer:  # noqa: S310 - of this test's server
                    assert b"ok" == answer.read()
                codes.append(server.ended_by(number))
        assert codes[0] == codes[1]
        assert {("time.sleep", "shop.application"): 1} == reported()

    def test_pytest_is_not_warned(self) -> None:
        """No warning says that this library's modules were imported before pytest could rewrite them."""
        assert AssertionRewriter.is_rewrite_disabled(ginger_async_safe.__doc__ or "")

    def test_pytest(self) -> None:
        """The rules apply to a test run with all of its plugins, and pytest itself causes no violations."""
        script("import naps\n\ndef test_naps(tmp_path, capsys):\n    naps.on_loop()\n", "test_naps.py")
        args = ["pytest", "-q", "-p", "no:cacheprovider", "-p", "xdist", "-n", "1"]
        guarded = done(*RUN, "--report", "found.json", "--", *args)
        assert (0, {("time.sleep", "naps.nap"): 3}) == (guarded.returncode, reported()), guarded.stdout
        guarded = done(*RUN, "--", *args)
        assert 1 == guarded.returncode
        assert "SynchronousOnlyOperation: You cannot call this" in guarded.stdout
