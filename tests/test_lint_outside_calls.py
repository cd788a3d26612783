"""Calls of outside code: what they read and write, call, and import."""

from __future__ import annotations

import ast
import sys
import textwrap
from typing import TYPE_CHECKING

import pytest
from _bodies import found_in

from ginger_async_safe.exceptions import ConfigurationError
from ginger_async_safe.lint.check import engine
from ginger_async_safe.lint.check.settings import CheckSettings, settings_of_file

if TYPE_CHECKING:
    from pathlib import Path

HEAD = """
import asyncio, contextlib, hashlib, importlib, importlib.metadata, io, json, pathlib, pickle, runpy, shutil, threading
import httpx, pandas, requests
from fastapi import UploadFile


class Quiet:
    def read(self, size=-1):
        return b""

    def write(self, data):
        self.data = data


class Slow(Quiet):
    def read(self, size=-1):
        return requests.get("u").content

    def write(self, data):
        requests.post("u", data)

    def __exit__(self, *error):
        requests.get("u")


def leave(*error):
    requests.get("u")
"""
PARAMETERS = "upload: UploadFile, target, frame: pandas.DataFrame, path: pathlib.Path, thread: threading.Thread, name"

BLOCKS = {
    # Open files.
    "shutil.copyfileobj(upload.file, target)": "file.read",
    "upload.file.read()": "file.read",
    "for line in upload.file:\n    pass": "file.read",
    "shutil.copyfileobj(Slow(), target)": "requests.get",
    "shutil.copyfileobj(target, fdst=Slow())": "requests.post",
    "json.load(Slow())": "requests.get",
    "pickle.load(file=Slow())": "requests.get",
    "json.dump({}, Slow())": "requests.post",
    "with open(path) as file:\n    json.load(file)": "file.read",
    "with open(path, 'rb') as file:\n    hashlib.file_digest(file, 'sha256')": "file.read",
    # Paths.
    "listing = path.iterdir()": "os.listdir",
    "await asyncio.to_thread(list, path.iterdir())": "os.listdir",
    "frame.to_csv(path)": "file.open",
    "frame.to_json(path_or_buf=path)": "file.open",
    "pandas.read_html(path)": "file.open",
    "importlib.metadata.version('shop')": "file.open",
    # What a stack does at the end of its block.
    "with contextlib.ExitStack() as stack:\n    stack.callback(thread.join, timeout=2)": "threading.Thread.join",
    "async with contextlib.AsyncExitStack() as stack:\n    stack.callback(requests.get, 'u')": "requests.get",
    "with contextlib.ExitStack() as stack:\n    stack.push(Slow())": "requests.get",
    "with contextlib.ExitStack() as stack:\n    stack.push(leave)": "requests.get",
    # Certificates.
    "async with httpx.AsyncClient() as client:\n    await client.get('u')": "ssl.SSLContext.load_verify_locations",
    "client = httpx.AsyncClient(timeout=3)": "ssl.SSLContext.load_verify_locations",
    "client = httpx.Client(verify=True)": "ssl.SSLContext.load_verify_locations",
    # Imports.
    "importlib.import_module(name)": "importlib.import_module",
    "importlib.import_module(f'shop.{name}')": "importlib.import_module",
    "__import__(name)": "importlib.import_module",
    "importlib.reload(json)": "importlib.import_module",
    "runpy.run_path(path)": "runpy.run_module",
}
"""Statements of an async function, with the id of the rule of the last call that they make."""

FREE = [
    "shutil.copyfileobj(io.BytesIO(), target)",
    "shutil.copyfileobj(Quiet(), Quiet())",
    "json.load(Quiet())",
    "await asyncio.to_thread(shutil.copyfileobj, upload.file, target)",
    "await upload.read()",
    "frame.to_csv()",
    "frame.to_csv(None)",
    "frame.to_csv(io.StringIO())",
    "with contextlib.ExitStack() as stack:\n    stack.callback(print, 'left')",
    "with contextlib.ExitStack() as stack:\n    stack.push(Quiet())",
    "client = httpx.AsyncClient(verify=False)",
    "client = httpx.AsyncClient(verify=name)",
    "client = httpx.AsyncClient(transport=httpx.MockTransport(print))",
    "client = httpx.AsyncClient(**name)",
    "client = await asyncio.to_thread(httpx.AsyncClient)",
    "importlib.import_module('json')",
    "for each in ('json', 'csv'):\n    importlib.import_module(each)",
    "import pandas",
]
"""Statements of an async function that do not wait, or of which that is not known."""

IMPORTS = """
import json
from typing import TYPE_CHECKING

import numpy

if TYPE_CHECKING:
    import pandas


def lazily():
    import torch.nn


async def main():
    import csv
    import shelf
    from . import shelf
    import numpy.linalg
    import pandas  # found
    from scipy import stats, linalg  # found
    lazily()  # found
    await asyncio.to_thread(lazily)
"""


def test_found(tmp_path: Path) -> None:
    """Each statement that waits is found, by its rule."""
    found = found_in(tmp_path, HEAD.splitlines(), PARAMETERS, list(BLOCKS))
    assert {} == {body: ids for (body, rule), ids in zip(BLOCKS.items(), found, strict=True) if rule not in ids}


def test_free(tmp_path: Path) -> None:
    """Nothing is found in those that do not wait."""
    found = found_in(tmp_path, HEAD.splitlines(), PARAMETERS, FREE)
    assert {} == {body: ids for body, ids in zip(FREE, found, strict=True) if ids}


@pytest.mark.parametrize("is_on", [True, False])
def test_import_statements(tmp_path: Path, is_on: bool) -> None:
    """An import of an installed package in an async function is found where the settings ask for it."""
    (tmp_path / "shelf.py").touch()
    file = tmp_path / "shop.py"
    file.write_text(IMPORTS, encoding="utf-8")
    report = engine.check([tmp_path], root=tmp_path, settings=CheckSettings(imports=is_on))
    marked = [number for number, line in enumerate(IMPORTS.splitlines(), 1) if line.endswith("# found")]
    assert (marked if is_on else []) == [finding.chain[0].line for finding in report.findings]
    assert (["pandas", "scipy", "torch.nn"] if is_on else []) == [finding.call for finding in report.findings]


@pytest.mark.parametrize("value", ["true", "false"])
def test_setting_of_imports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    """The setting is a switch."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pyproject.toml").write_text(f"[tool.ginger_async_safe.check]\nimports = {value}\n", encoding="utf-8")
    assert settings_of_file().imports is (value == "true")


def test_bad_setting_of_imports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It takes true or false, and nothing else."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pyproject.toml").write_text('[tool.ginger_async_safe.check]\nimports = "yes"\n', encoding="utf-8")
    with pytest.raises(ConfigurationError, match="imports: it takes true or false, not 'yes'"):
        settings_of_file()


@pytest.mark.skipif(sys.version_info < (3, 14), reason="template strings are new in Python 3.14")
def test_template_strings(tmp_path: Path) -> None:
    """What is in a template string is evaluated at once; it is not converted to text."""
    text = """
    import time

    class Slow:
        def __str__(self):
            time.sleep(1)

    async def main(width):
        t"{Slow()}"
        t"{time.sleep(1)}"
        t"{width:{time.sleep(2)}}"
    """
    source = textwrap.dedent(text)
    ast.parse(source)
    (tmp_path / "shop.py").write_text(source, encoding="utf-8")
    report = engine.check([tmp_path], root=tmp_path, settings=CheckSettings())
    assert [10, 11] == [finding.chain[0].line for finding in report.findings]
