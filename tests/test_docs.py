"""The documentation: each example does what its page says, and the reference has every public name.

A page is read like a reader does, from top to bottom. Of its fenced blocks,

- ``python`` blocks run in one interpreter per page, each as a file ``shop.py`` in an empty directory;
- ``ipython3`` blocks run in one notebook's kernel per page, each as a cell;
- ``{literalinclude}`` blocks show a file of ``examples/``: ``*_example.py`` runs as a program of its own, and a command of
  the page runs any other, with the folder that it is in;
- ``console`` blocks hold commands, each after a ``$``, and what they print;
- a ``text`` block directly after one of the first three is what that one prints; without it, that one prints nothing.

A line of three dots in expected output matches any lines.
"""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest
from _kernels import Kernel

import ginger_async_safe
import ginger_async_safe.asgi
import ginger_async_safe.testing

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted(DOCS.glob("*.md"))]

BLOCK = re.compile(r"^(?P<fence> *`{3,})(?P<kind>[^`\n]*)\n(?P<text>.*?)^(?P=fence) *$", re.MULTILINE | re.DOTALL)
INCLUDE = "{literalinclude}"
PROGRAM = "*_example.py"
NOT_RUN = {"", "sh", "toml", "ini", "{eval-rst}", "{toctree}", "{note}", "{warning}"}

# What an example prints on this machine, and what the pages say instead.
STAND_INS = {platform.python_version(): "3.13.0"}
if sys.version_info < (3, 11):  # which does not know the class of a method
    STAND_INS |= {"→ __iter__": "→ QuerySet.__iter__", "→ read_text": "→ Path.read_text"}
if sys.version_info < (3, 14):  # if asyncio does not know what waits for a task
    STAND_INS |= {
        "async dashboard   (task 'Task-5', asyncio)": "async dashboard   (task 'Task-5' ← middle ← view ← 'Task-4', asyncio)"
    }
else:
    STAND_INS |= {"'Task-5' ← ASGIHandler.__call__ ← 'Task-2'": "'Task-5'", "'Task-7' ← <cell>": "'Task-7'"}
SHOWN_DIRECTORY = "/srv/shop"
TIMEOUT = 60  # seconds

INTERPRETER = """
import contextlib, io, json, pathlib, sys, traceback
names = {"__name__": "__main__"}
for line in sys.stdin:
    source = json.loads(line)
    pathlib.Path("shop.py").write_text(source, encoding="utf-8")
    with contextlib.redirect_stdout(io.StringIO()) as output, contextlib.redirect_stderr(output):
        try:
            exec(compile(source, "shop.py", "exec"), names)
        except Exception:
            traceback.print_exc()
    print(json.dumps(output.getvalue()), flush=True)
"""


@dataclass
class Example:
    """A thing on a page that runs, and its output."""

    kind: str
    text: str
    line: int
    prints: str = ""


def examples_of(page: Path) -> list[Example]:
    """Return the examples of a page, in order; a block of no known kind is an error, so none is left out."""
    markdown = page.read_text(encoding="utf-8")
    found: list[Example] = []
    end_of_last = 0
    for block in BLOCK.finditer(markdown):
        kind, text = block["kind"].strip(), dedent(block["text"])
        line = markdown.count("\n", 0, block.start()) + 1
        if kind == "text":
            assert not markdown[end_of_last : block.start()].strip(), f"{page.name}:{line}: of which example is this?"
            found[-1].prints = text
        elif kind == "console":
            found += commands_of(text, line)
        elif kind in {"python", "ipython3"} or kind.startswith(INCLUDE):
            found.append(Example(kind, text, line))
            end_of_last = block.end()
        else:
            assert kind in NOT_RUN, f"{page.name}:{line}: what is a block of {kind!r}?"
            assert ">>>" not in text, f"{page.name}:{line}: write examples as python blocks"
    return found


def included(page: Path, example: Example) -> Path:
    """Return the file that an example of a page includes."""
    return (page.parent / example.kind.removeprefix(INCLUDE).strip()).resolve()


def commands_of(text: str, line: int) -> Iterator[Example]:
    """Yield the commands of a console block."""
    assert text.startswith("$ "), f"line {line}: a console block starts with a command after a $"
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, _, prints = part.partition("\n")
        yield Example("console", command, line, prints)


class Reader:
    """A reader who does what a page says, in a directory with this library's examples.

    Args:
        page: The page.
        directory: The directory, empty.
    """

    def __init__(self, page: Path, directory: Path) -> None:
        self.page = page
        self.directory = directory
        shutil.copytree(ROOT / "examples", directory / "examples")
        self.environment = {key: value for key, value in os.environ.items() if not key.startswith("GINGER_")} | {
            "COLUMNS": "80",
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONUNBUFFERED": "1",
            "PYTHONUTF8": "1",
            "PYTHONWARNINGS": "error::DeprecationWarning",
        }
        self._interpreter: subprocess.Popen[str] | None = None
        self._kernel: Kernel | None = None

    def do(self, example: Example) -> str:
        """Run an example and return its output, in the form in which a page would show it."""
        if example.kind == "python":
            output = self._interpret(example.text)
        elif example.kind == "ipython3":
            output = self._run_cell(example.text)
        elif example.kind == "console":
            output = self._run(example.text)
        else:
            path = included(self.page, example)
            if not path.match(PROGRAM):
                return ""
            shutil.copy(path, self.directory)
            output = self._run(f"{sys.executable} {path.name}")
        for here, shown in {str(self.directory): SHOWN_DIRECTORY, **STAND_INS}.items():
            output = output.replace(here, shown)
        return output

    def leave(self) -> None:
        """End the interpreter and the kernel."""
        if self._interpreter is not None:
            self._interpreter.communicate()
        if self._kernel is not None:
            self._kernel.shutdown()

    def _interpret(self, source: str) -> str:
        if self._interpreter is None:
            self._interpreter = subprocess.Popen(
                [sys.executable, "-c", INTERPRETER],
                cwd=self.directory,
                env=self.environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                encoding="utf-8",
            )
        assert self._interpreter.stdin is not None
        assert self._interpreter.stdout is not None
        self._interpreter.stdin.write(json.dumps(source) + "\n")
        self._interpreter.stdin.flush()
        output: str = json.loads(self._interpreter.stdout.readline())
        return output

    def _run_cell(self, cell: str) -> str:
        if self._kernel is None:
            # A kernel itself emits many deprecation warnings.
            self._kernel = Kernel(self.directory, {**self.environment, "PYTHONWARNINGS": ""})
        output = self._kernel.run(cell)
        return re.sub(r"'Task-\d+'", "'Task-7'", output)  # a kernel starts any number of tasks of its own

    def _run(self, command: str) -> str:
        return subprocess.run(  # noqa: S602 - as a reader's shell runs it
            command,
            shell=True,
            check=False,
            cwd=self.directory,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            timeout=TIMEOUT,
        ).stdout


def is_as_shown(expected: str, output: str) -> bool:
    """Return whether output is what a page shows; empty lines around it are ignored."""
    lines = expected.strip("\n").splitlines()
    pattern = "\n".join("(?s:.*)" if line.strip() == "..." else re.escape(line) for line in lines)
    return re.fullmatch(pattern, output.strip("\n")) is not None


@pytest.mark.parametrize("page", PAGES, ids=[page.name for page in PAGES])
def test_examples(page: Path, tmp_path: Path) -> None:
    """Every example prints what its page says, in the order of the page."""
    reader = Reader(page, tmp_path.resolve())
    try:
        for example in examples_of(page):
            output = reader.do(example)
            if not is_as_shown(example.prints, output):
                assert f"{page.name}:{example.line}\n{example.prints}" == f"{page.name}:{example.line}\n{output}"
    finally:
        reader.leave()


def test_every_example_file_is_shown() -> None:
    """Each ``examples/*_example.py`` is on a page, so its output is tested, too."""
    shown = {
        included(page, example) for page in PAGES for example in examples_of(page) if example.kind.startswith(INCLUDE)
    }
    assert set((ROOT / "examples").glob(PROGRAM)) == {path for path in shown if path.match(PROGRAM)}


@pytest.mark.parametrize("page", PAGES, ids=[page.name for page in PAGES])
def test_every_other_file_shown_is_run(page: Path) -> None:
    """If a page includes a file that is no program, a command on the page runs the folder of ``examples/`` that has it."""
    examples = examples_of(page)
    commands = [example.text for example in examples if example.kind == "console"]
    shown = [included(page, example) for example in examples if example.kind.startswith(INCLUDE)]
    folders = {path.parent.relative_to(ROOT) for path in shown if not path.match(PROGRAM)}
    assert [] == [folder for folder in folders if not any(folder.as_posix() in command.split() for command in commands)]


def test_reference() -> None:
    """Every public name is in the reference, and no other name is."""
    directives = re.findall(
        r"^\.\. [\w:]+:: ([\w.]+)$", (DOCS / "reference.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    public = {
        f"{module.__name__}.{name}"
        for module in (ginger_async_safe, ginger_async_safe.asgi, ginger_async_safe.testing)
        for name in module.__all__
    }
    doors = {f"ginger_async_safe.contrib.{name}.get_asgi_application" for name in ("gingerdj", "django")}
    beside = {"ginger_async_safe", "ginger_async_safe.async_unsafe.guard", *doors}
    assert public == set(directives) - beside


@pytest.mark.parametrize("page", PAGES, ids=[page.name for page in PAGES])
def test_links(page: Path) -> None:
    """Links to other files lead to existing ones."""
    targets = re.findall(r"\]\((?!https?://|#)([^)#\s]+)[^)]*\)", page.read_text(encoding="utf-8"))
    assert [] == [target for target in targets if not (page.parent / target).exists()]


def test_every_page_is_found_from_the_first() -> None:
    """The first page's table of contents contains every other page."""
    listed = re.search(
        r"^```\{toctree\}\n(.*?)^```", (DOCS / "index.md").read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
    )
    assert listed is not None
    names = {line for line in listed[1].splitlines() if line and not line.startswith(":")}
    assert {page.stem for page in DOCS.glob("*.md")} - {"index"} == names
