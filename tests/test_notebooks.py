"""Cells of notebooks and shells: what the report says about them, and what the extension allows."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from _kernels import Kernel
from _running import TIMEOUT, in_new_process

from ginger_async_safe import load_ipython_extension, unload_ipython_extension

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PRELUDE = """\
import asyncio, contextlib, io, os, threading, time
from ginger_async_safe import SynchronousOnlyOperation, async_unsafe, configure, explain

@async_unsafe
def read():
    return "read"

def report():
    return read()

def attempt():
    try:
        return report()
    except SynchronousOnlyOperation:
        return "stopped"

async def attempt_async():
    return attempt()

async def called_back(function):
    loop = asyncio.get_running_loop()
    called = loop.create_future()
    loop.call_soon(lambda: called.set_result(function()))
    return await called

async def late():
    await go_on.wait()
    return attempt()

def violation_of(call):
    try:
        call()
    except SynchronousOnlyOperation as error:
        return error.violation

def state():
    shell = get_ipython()
    with contextlib.redirect_stdout(io.StringIO()) as explained:
        explain()
    return (
        [line for line in explained.getvalue().splitlines() if line.startswith("grant")],
        {event: list(callbacks) for event, callbacks in shell.events.callbacks.items()},
        {kind: dict(magics) for kind, magics in shell.magics_manager.magics.items()},
    )
"""
READS = PRELUDE.splitlines().index("    return read()") + 1
LOAD, UNLOAD = "%load_ext ginger_async_safe", "%unload_ext ginger_async_safe"

IN_SHELL = f"""
import contextlib, io, json
from traitlets.config import Config
from IPython.core.interactiveshell import InteractiveShell

def run(cell, shell=None):
    with contextlib.redirect_stdout(io.StringIO()) as output:
        outcome = (shell or InteractiveShell.instance()).run_cell(cell, store_history=True)
    assert outcome.success, output.getvalue()
    return outcome.result

config = Config({{"HistoryManager": {{"enabled": False}}}})
shell = InteractiveShell.instance(config=config)
run({PRELUDE!r})
"""


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    """A kernel, started once."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("GINGER_")}
    kernel = Kernel(tmp_path_factory.mktemp("kernel").resolve(), environment)
    try:
        assert not kernel.run(PRELUDE)
        yield kernel
    finally:
        kernel.shutdown()


@pytest.fixture
def kernel(process: Kernel) -> Iterator[Kernel]:
    """A kernel without the extension, whose settings are as at its start."""
    yield process
    process.run(f"{UNLOAD}\nconfigure(policy=None, allow=None, report_unused_grants=None)")


@pytest.fixture
def loaded(kernel: Kernel) -> Kernel:
    """A kernel with the extension."""
    assert not kernel.run(LOAD)
    return kernel


@pytest.fixture(autouse=True)
def _own_directory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keep IPython away from this user's settings and history."""
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))


def report_in(output: str) -> dict[str, str]:
    """Return the lines of the report that ends a cell's output."""
    return dict(re.findall(r"^  (call|at|inside|path|fix) +(.*)$", output, re.MULTILINE))


CELLS = {
    "sync": "print(attempt())",
    "async": "await asyncio.sleep(0)\nprint(attempt())",
    "a coroutine that it awaits": "print(await attempt_async())",
    "a cell in a cell": "_ = get_ipython().run_cell('print(attempt())')",
    "after a cell in a cell": "_ = get_ipython().run_cell('1 / 0')\nprint('then', attempt())",
    "a magic command": "%time print(attempt())",
    "a cell's magic command": "%%time\nprint(attempt())",
    "a loop of a magic command": "%timeit -r1 -n1 print(attempt())",
    "the value that is displayed": "type('Shown', (), {'__repr__': lambda self: attempt()})()",
}


class TestCells:
    """What the code of a cell may do, in a kernel."""

    @pytest.mark.parametrize("cell", CELLS.values(), ids=CELLS)
    def test_without_the_extension(self, kernel: Kernel, cell: str) -> None:
        """A cell is stopped: the kernel's loop waits for it."""
        output = kernel.run(cell)
        assert "stopped" in output
        assert not re.search(r"^(then )?read$", output, re.MULTILINE)

    @pytest.mark.parametrize("cell", CELLS.values(), ids=CELLS)
    def test_with_the_extension(self, loaded: Kernel, cell: str) -> None:
        """A cell may make guarded calls."""
        output = loaded.run(cell)
        assert re.search(r"^(then )?read$", output, re.MULTILINE)
        assert "stopped" not in output

    def test_script(self, loaded: Kernel, tmp_path: Path) -> None:
        """A script that a cell runs is part of the cell."""
        script = tmp_path / "script.py"
        script.write_text("print(attempt())\n", encoding="utf-8")
        assert loaded.run(f"%run -i {script}").strip() == "read"

    def test_silent(self, loaded: Kernel) -> None:
        """A cell that a frontend runs silently is a cell, too."""
        loaded.start("_of_silent = attempt()", silent=True, store_history=False).end()
        assert loaded.run("print(_of_silent)") == "read\n"

    @pytest.mark.parametrize(
        "cell",
        [
            "print(await asyncio.create_task(attempt_async()))",
            "print(*await asyncio.gather(attempt_async()))",
            "print(await called_back(attempt))",
            "print(await asyncio.to_thread(asyncio.run, attempt_async()))",
        ],
        ids=["task", "gather", "callback", "a loop in a thread"],
    )
    def test_what_it_starts(self, loaded: Kernel, cell: str) -> None:
        """Tasks and callbacks that a cell starts are stopped."""
        assert loaded.run(cell).splitlines()[-1] == "stopped"

    def test_widget(self, loaded: Kernel) -> None:
        """Code that the kernel runs outside of cells for a frontend, like a widget's handler, is stopped."""
        loaded.run(
            "from comm import get_comm_manager\nget_comm_manager().register_target("
            "'widget', lambda comm, message: globals().update(found=attempt()))"
        )
        loaded.open_comm("widget")
        assert loaded.run("print(found)") == "stopped\n"

    def test_task_that_outlives_the_cell(self, loaded: Kernel) -> None:
        """A task that a cell without await has started is stopped, also while another cell runs."""
        loaded.run("task = asyncio.create_task(attempt_async())")
        assert loaded.run("print(await task, attempt())") == "stopped read\n"


class TestNothingIsLeftOpen:
    """However a cell ends, what it started is still stopped, and the next one may make guarded calls."""

    ENDINGS = (
        "1 / 0",
        "await asyncio.sleep(0)\n1 / 0",
        "def",
        "return",
        "raise SystemExit",
        "raise KeyboardInterrupt",
        "await asyncio.sleep(0)\nraise KeyboardInterrupt",
        "asyncio.current_task().cancel()\nawait asyncio.sleep(0)",
        "get_ipython().run_cell('1 / 0')\n1 / 0",
        "   ",
    )

    @pytest.mark.parametrize("ending", ENDINGS)
    def test_ending(self, loaded: Kernel, ending: str) -> None:
        """A cell that raises an error, or is invalid, changes nothing."""
        before = loaded.run("print(len(state()[0]))")
        loaded.run("go_on = asyncio.Event()\ntask = asyncio.create_task(late())")
        loaded.run(f"task = asyncio.create_task(late())\n{ending}")
        assert loaded.run("go_on.set()\nprint(await task, attempt())") == "stopped read\n"
        assert before == "1\n" == loaded.run("print(len(state()[0]))")
        loaded.run(UNLOAD)
        assert loaded.run("print(attempt(), state()[0])") == "stopped []\n"

    # A loop in a long sleep would notice the interrupt only when it wakes: tornado does not wake it from a signal handler.
    @pytest.mark.parametrize(
        "wait", ["while True:\n    await asyncio.sleep(0.01)", "time.sleep(60)"], ids=["async", "sync"]
    )
    def test_interrupted(self, loaded: Kernel, wait: str) -> None:
        """A cell that is interrupted changes nothing, either."""
        cell = loaded.start(
            f"go_on = asyncio.Event()\ntask = asyncio.create_task(late())\nprint('waits', flush=True)\n{wait}"
        )
        cell.until("waits")
        loaded.interrupt()
        assert re.search("KeyboardInterrupt|CancelledError", cell.end())
        assert loaded.run("go_on.set()\nprint(await task, attempt())") == "stopped read\n"
        loaded.run(UNLOAD)
        assert loaded.run("print(attempt(), state()[0])") == "stopped []\n"

    def test_side_by_side(self, loaded: Kernel) -> None:
        """Cells that two threads of the kernel run at the same time are independent."""
        subshell = loaded.start_subshell()
        first = loaded.start(
            "loop, go_on = asyncio.get_running_loop(), asyncio.Event()\n"
            "print('waits', flush=True)\nawait go_on.wait()\nprint(attempt())"
        )
        first.until("waits")
        second = loaded.start(
            "print(attempt(), await asyncio.create_task(attempt_async()), attempt())\n"
            "loop.call_soon_threadsafe(go_on.set)",
            subshell=subshell,
        )
        assert second.end().startswith("read stopped read\n")
        assert first.end() == "waits\nread\n"
        loaded.run(UNLOAD)
        assert loaded.run("print(attempt(), state()[0])") == "stopped []\n"
        assert loaded.start("print(attempt())", subshell=subshell).end() == "stopped\n"


class TestLoading:
    """Loading and unloading the extension."""

    def test_inside_a_cell(self, kernel: Kernel) -> None:
        """The rest of the cell that loads it may make guarded calls, and the rest of the one that unloads it may not."""
        assert kernel.run(f"{LOAD}\nprint(attempt())") == "read\n"
        assert kernel.run(f"{UNLOAD}\nprint(attempt())") == "stopped\n"

    def test_twice(self, kernel: Kernel) -> None:
        """Loading it twice is the same as loading it once, by IPython's command and by calling the function."""
        kernel.run("from ginger_async_safe import load_ipython_extension, unload_ipython_extension")
        kernel.run("load_ipython_extension(get_ipython())\nload_ipython_extension(get_ipython())")
        assert kernel.run("print(attempt(), len(state()[0]))") == "read 1\n"
        kernel.run("unload_ipython_extension(get_ipython())")
        assert kernel.run("print(attempt(), len(state()[0]))") == "stopped 0\n"
        assert not kernel.run("unload_ipython_extension(get_ipython())")

    def test_again(self, loaded: Kernel) -> None:
        """Reloading it changes nothing."""
        loaded.run("%reload_ext ginger_async_safe")
        assert loaded.run("print(attempt(), len(state()[0]))") == "read 1\n"

    def test_unloading(self, kernel: Kernel) -> None:
        """The shell is then as before: its events, its magic commands, and the grants."""
        kernel.run("before = state()")
        kernel.run(LOAD)
        assert kernel.run("print(state() == before)") == "False\n"
        kernel.run(UNLOAD)
        assert kernel.run("print(state() == before)") == "True\n"

    def test_users_own_command(self, kernel: Kernel) -> None:
        """A user's command of the same name is restored after unloading, and one that is defined meanwhile stays."""
        kernel.run("get_ipython().register_magic_function(lambda line: print('own'), 'line', 'async_safe')")
        kernel.run(LOAD)
        assert kernel.run("%async_safe").startswith("policy ")
        kernel.run(UNLOAD)
        assert kernel.run("%async_safe") == "own\n"
        kernel.run(LOAD)
        kernel.run("get_ipython().register_magic_function(lambda line: print('later'), 'line', 'async_safe')")
        kernel.run(UNLOAD)
        assert kernel.run("%async_safe\ndel get_ipython().magics_manager.magics['line']['async_safe']") == "later\n"

    def test_unused_grants(self, loaded: Kernel) -> None:
        """If unused grants are reported, cells without guarded calls are not."""
        loaded.run("configure(report_unused_grants=True)")
        assert loaded.run("1 + 1") == "2\n"
        assert loaded.run("await asyncio.sleep(0)") == ""
        assert loaded.run(UNLOAD) == ""

    @pytest.mark.parametrize("function", [load_ipython_extension, unload_ipython_extension])
    @pytest.mark.parametrize("shell", [None, "shell"])
    def test_no_shell(self, function: Any, shell: object) -> None:
        """Called with an object that is no shell, it says what to write where."""
        with pytest.raises(TypeError) as caught:
            function(shell)
        expected = (
            f"{function.__name__} takes IPython's shell, not {type(shell).__name__}; "
            "in a notebook or IPython, write %load_ext ginger_async_safe"
        )
        assert expected == str(caught.value)

    def test_always(self, tmp_path: Path) -> None:
        """IPython's configuration can load it into every shell."""
        profile = tmp_path / "ipython" / "profile_default"
        profile.mkdir(parents=True)
        (profile / "ipython_config.py").write_text(
            'c.InteractiveShellApp.extensions = ["ginger_async_safe"]\nc.HistoryManager.enabled = False\n',
            encoding="utf-8",
        )
        done = subprocess.run(
            [sys.executable, "-m", "IPython", "--no-banner", "-c", f"{PRELUDE}\nprint(await attempt_async())"],
            check=False,
            capture_output=True,
            encoding="utf-8",
            timeout=TIMEOUT,
        )
        assert done.stdout.strip() == "read", done.stderr


class TestCommand:
    """``%async_safe``."""

    def test_shows_the_policy(self, loaded: Kernel) -> None:
        """Without an argument, it shows the policy and where it comes from."""
        assert loaded.run("%async_safe") == "policy   raise   from the default\n"
        loaded.run("os.environ['GINGER_ASYNC_SAFE'] = 'log'")
        try:
            assert loaded.run("%async_safe") == "policy   log   from GINGER_ASYNC_SAFE\n"
        finally:
            loaded.run("del os.environ['GINGER_ASYNC_SAFE']")

    @pytest.mark.parametrize("word", ["raise", "warn", "log", "ignore"])
    def test_sets_the_policy(self, loaded: Kernel, word: str) -> None:
        """With a policy's name, it sets that for the process."""
        assert loaded.run(f"%async_safe {word}") == f"policy   {word}   from configure()\n"
        assert loaded.run("%async_safe") == f"policy   {word}   from configure()\n"
        output = loaded.run("print(await asyncio.create_task(attempt_async()))")
        assert ("stopped" if word == "raise" else "read") in output.splitlines()

    def test_wrong_word(self, loaded: Kernel) -> None:
        """An unknown policy is a usage error, which names the choices, and changes nothing."""
        output = loaded.run("%async_safe loud")
        assert "UsageError: configure(): 'loud' is not a policy; choose one of raise, warn, log, ignore" in output
        assert "Traceback" not in output
        assert loaded.run("%async_safe") == "policy   raise   from the default\n"

    def test_bad_setting(self, loaded: Kernel) -> None:
        """An invalid setting is shown in the same way."""
        loaded.run("os.environ['GINGER_ASYNC_SAFE'] = 'loud'")
        try:
            assert "UsageError: GINGER_ASYNC_SAFE: 'loud' is not a policy" in loaded.run("%async_safe")
        finally:
            loaded.run("del os.environ['GINGER_ASYNC_SAFE']")

    def test_policy_outlives_the_extension(self, loaded: Kernel) -> None:
        """Unloading does not change the policy."""
        loaded.run(f"%async_safe ignore\n{UNLOAD}")
        assert loaded.run("print(attempt())") == "read\n"


class TestReport:
    """The error of a call in a cell."""

    HINT = "; or allow it in cells: %load_ext ginger_async_safe"

    @pytest.mark.parametrize("before", ["", "await asyncio.sleep(0)\n"], ids=["sync", "async"])
    def test_cell(self, kernel: Kernel, before: str) -> None:
        """The cell is the async function, and is named as IPython names it."""
        cell = kernel.start(f"number = len(In) - 1\n{before}report()")
        shown = report_in(cell.end())
        number = kernel.run("print(number)").strip()
        line = 2 + bool(before)
        assert "__main__.read" == shown["call"]
        assert re.fullmatch(rf"Cell In\[\d+\]:{READS} in report", shown["at"])
        assert re.fullmatch(rf"Cell In\[{number}\]:{line}   \(task '[^']+', asyncio\)", shown["inside"])
        assert "<cell> → report → read" == shown["path"]
        assert "await sync_to_async(report)(...)" + self.HINT == shown["fix"]

    def test_fix(self, kernel: Kernel) -> None:
        """The fix in the report works when the cell's author applies it."""
        kernel.run("from asgiref.sync import sync_to_async")
        assert kernel.run("await sync_to_async(report)()") == "'read'\n"

    def test_record(self, kernel: Kernel) -> None:
        """In the record, a cell's statements are in ``<cell>``."""
        output = kernel.run(
            "found = violation_of(read)\nfound.called_at.function, found.async_caller.function, found.path"
        )
        assert "('violation_of', '<cell>', ('<cell>', 'violation_of', 'read'))" == output.splitlines()[-1]

    def test_read_elsewhere(self, kernel: Kernel, tmp_path: Path) -> None:
        """A record that another process prints names the file that the cell was compiled as."""
        path = tmp_path / "record"
        kernel.run(
            f"import pickle, pathlib\nfound = violation_of(lambda: read())\n"
            f"_ = pathlib.Path({str(path)!r}).write_bytes(pickle.dumps(found))"
        )
        source = f"import json, pickle; print(json.dumps(str(pickle.load(open({str(path)!r}, 'rb')).async_caller)))"
        assert re.fullmatch(r"(?!Cell).+\.py:2 in <cell>", in_new_process(source))

    @pytest.mark.parametrize(
        ("cell", "path", "fix"),
        [
            ("read()", "<cell> → read", "await sync_to_async(read)(...)"),
            ("%time report()", "<cell> → report → read", "await sync_to_async(report)(...)"),
            ("%%time\n\nreport()", "<cell> → report → read", "await sync_to_async(report)(...)"),
            ("%timeit -r1 -n1 report()", "<cell> → report → read", "await sync_to_async(report)(...)"),
            ("%time read()", "<cell> → read", "await sync_to_async(read)(...)"),
            (
                "type('Shown', (), {'__repr__': lambda self: report()})()",
                "<cell> → <lambda> → report → read",
                "await sync_to_async(lambda: ...)()",
            ),
            (
                "class Shown:\n    def _repr_html_(self):\n        return report()\nShown()",
                "<cell> → Shown._repr_html_ → report → read",
                "await sync_to_async(lambda: ...)()",
            ),
            (
                "[report() for _ in '1'].pop()",
                "<cell> → <listcomp> → report → read",
                "await sync_to_async(report)(...)",
            ),
            (
                "async def handler():\n    return report()\nawait handler()",
                "handler → report → read",
                "await sync_to_async(report)(...)",
            ),
            ("async_unsafe(fix='await pool.read()')(lambda: 1)()", "<cell> → <lambda>", "await pool.read()"),
        ],
    )
    def test_path_and_fix(self, kernel: Kernel, cell: str, path: str, fix: str) -> None:
        """They begin at the cell, or at the user's async function in it; nothing of IPython's is in them."""
        shown = report_in(kernel.run(cell))
        if sys.version_info < (3, 11):  # which does not know the class of a method
            path = path.replace("Shown.", "")
        if sys.version_info >= (3, 12):
            path = path.replace("<listcomp> → ", "")
        elif "<listcomp>" in path:
            fix = "await sync_to_async(lambda: ...)()"
        assert (path, fix + self.HINT) == (shown["path"], shown["fix"])
        assert "Cell In[" in shown["at"]
        assert "Cell In[" in shown["inside"]

    def test_display(self, kernel: Kernel) -> None:
        """For a user's function that displays something, the fix moves that function to a thread."""
        kernel.run("from IPython.display import display\nclass Shown:\n    def __repr__(self):\n        return read()")
        shown = report_in(kernel.run("def show():\n    display(Shown())\nshow()"))
        assert "await sync_to_async(show)(...)" + self.HINT == shown["fix"]

    def test_traceback(self, kernel: Kernel) -> None:
        """What IPython does after a cell, such as showing an error, is not part of the cell."""
        kernel.run(
            "class Failure(Exception):\n    def _render_traceback_(self):\n        return str(violation_of(read)).splitlines()"
        )
        shown = report_in(kernel.run("raise Failure"))
        assert shown["path"].endswith("violation_of → read")
        assert "<cell>" not in shown["path"]

    @pytest.mark.parametrize(
        "cell",
        [
            "await asyncio.create_task(report_async())",
            "print(await called_back(lambda: violation_of(read)))",
            "await asyncio.to_thread(asyncio.run, report_async())",
        ],
        ids=["task", "callback", "a loop in a thread"],
    )
    def test_what_a_cell_starts(self, kernel: Kernel, cell: str) -> None:
        """For tasks that a cell starts, the extension would not help, and is not mentioned."""
        kernel.run("async def report_async():\n    report()")
        output = kernel.run(cell)
        assert report_in(output)["fix"]
        assert "%load_ext" not in output.rpartition("  call ")[2]


class TestShell:
    """IPython's own shell, where a loop runs only for cells that use ``await``."""

    @pytest.mark.parametrize(
        "kind",
        [
            "IPython.core.interactiveshell.InteractiveShell",
            "IPython.terminal.interactiveshell.TerminalInteractiveShell",
        ],
    )
    def test_cells(self, kind: str) -> None:
        """Cells without ``await`` may always make guarded calls, those with it if the extension is loaded, tasks never."""
        module, _, name = kind.rpartition(".")
        source = IN_SHELL.replace("IPython.core.interactiveshell", module).replace("InteractiveShell", name)
        cells = ["attempt()", "await attempt_async()", "await asyncio.create_task(attempt_async())"]
        cells.append("asyncio.run(attempt_async())")
        source += f"""
cells = {cells}
found = [[run(cell) for cell in cells]]
for command in {[LOAD, UNLOAD]}:
    run(command)
    found.append([run(cell) for cell in cells])
print(json.dumps(found))
"""
        without = ["read", "stopped", "stopped", "stopped"]
        assert [without, ["read", "read", "stopped", "stopped"], without] == in_new_process(source)

    def test_report(self) -> None:
        """The report is the same as in a notebook."""
        source = f"""{IN_SHELL}
shown = run("await asyncio.sleep(0)\\nviolation_of(report)")
print(json.dumps(str(shown).splitlines()))
"""
        lines = in_new_process(source)
        assert f"  at        Cell In[1]:{READS} in report" == lines[2]
        assert re.fullmatch(r"  inside    Cell In\[2\]:2   \(task '[^']+', asyncio\)", lines[3])
        assert "  path      <cell> → violation_of → report → read" == lines[4]
        assert "  fix       await sync_to_async(violation_of)(...)" + TestReport.HINT == lines[5]

    def test_trio(self) -> None:
        """Cells on trio are cells too."""
        source = f"""{IN_SHELL}
run("%autoawait trio")
run("import trio")
cells = ["await trio.sleep(0)\\nattempt()", "async with trio.open_nursery() as nursery:\\n"
         "    nursery.start_soon(lambda: given(attempt_async()))\\nfound"]
run("found = []\\nasync def given(coroutine):\\n    found.append(await coroutine)")
shown = run("await trio.sleep(0)\\nviolation_of(read).fix")
run("{LOAD}")
print(json.dumps([shown, *map(run, cells)]))
"""
        shown, cell, task = in_new_process(source)
        assert "await trio.to_thread.run_sync(violation_of, ...)" + TestReport.HINT == shown
        assert ["read", ["stopped"]] == [cell, task]

    def test_callback_on_uvloop(self) -> None:
        """A callback of a loop without frames is not part of the cell that runs the loop."""
        pytest.importorskip("uvloop")
        source = f"""{IN_SHELL}
run("{LOAD}")
run("import uvloop\\nloop = uvloop.new_event_loop()\\ncalled = loop.create_future()")
run("loop.call_soon(lambda: called.set_result(attempt()))")
print(json.dumps([run("loop.run_until_complete(called)"), run("loop.run_until_complete(attempt_async())")]))
run("loop.close()")
"""
        assert ["stopped", "stopped"] == in_new_process(source)

    def test_other_shell(self) -> None:
        """The extension applies to the shell that loads it."""
        source = f"""{IN_SHELL}
other = InteractiveShell(config=config, user_ns=dict(shell.user_ns))
run("{LOAD}")
print(json.dumps([run("await attempt_async()"), run("await attempt_async()", other)]))
"""
        assert ["read", "stopped"] == in_new_process(source)
