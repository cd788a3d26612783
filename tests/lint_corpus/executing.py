"""Run a case, to see whether it blocks at the lines and on the calls that its comments say.

``python -m lint_corpus.executing FRAMEWORK`` runs the cases that its standard input names, each in a process of its
own.
"""

from __future__ import annotations

import asyncio
import gc
import inspect
import os
import shutil
import sys
import tempfile
from importlib import import_module
from inspect import CO_ASYNC_GENERATOR, CO_COROUTINE
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Literal

import _nursery

from ginger_async_safe import configure, guard_blocking_calls
from ginger_async_safe.blocking.rules import RULES
from lint_corpus.cases import case_of, load_cases

if TYPE_CHECKING:
    from types import FrameType

    from ginger_async_safe import Violation
    from lint_corpus.cases import Case

__all__ = ["run_here"]

_FOLDER = "LINT_CORPUS_FOLDER"
_IDS = frozenset(rule.id for rule in RULES)
_IN_ASYNC = CO_COROUTINE | CO_ASYNC_GENERATOR


class _Recorder:
    """A policy that allows every call, and records where it was made.

    Args:
        case: The case that is run.
    """

    def __init__(self, case: Case) -> None:
        self._files = {str(path): str(path.relative_to(case.folder)) for path in case.files}
        self.is_on = False
        self.seen: set[tuple[str, int, str]] = set()

    def __call__(self, violation: Violation) -> Literal["ignore"]:
        if self.is_on:
            frames = [frame for frame in _stack(sys._getframe(1)) if frame.f_code.co_filename in self._files]
            nearest = next((frame for frame in frames if frame.f_code.co_flags & _IN_ASYNC), None)
            if nearest is None and frames:
                nearest = frames[-1]  # the callback that the loop calls
            if nearest is not None:
                self.seen.add((self._files[nearest.f_code.co_filename], nearest.f_lineno, _id_of(violation.call)))
        return "ignore"


def _stack(frame: FrameType | None) -> list[FrameType]:
    frames = []
    while frame is not None:
        frames.append(frame)
        frame = frame.f_back
    return frames


def _id_of(call: str) -> str:
    if call in _IDS:
        return call
    return "orm" if call.startswith(("django.", "gingerdj.")) else f"marked:{call}"


def run_here(name: str) -> dict[str, Any]:
    """Run a case in this process, and return the lines that blocked, with the ids of the calls that blocked there."""
    case = case_of(name)
    sys.path.insert(0, str(case.folder))
    _forget_hidden(case)
    os.chdir(tempfile.mkdtemp(dir=os.environ[_FOLDER]))  # for files that cases name without a directory
    recorder = _Recorder(case)
    configure(policy=recorder)
    module = import_module(case.entry)
    if case.framework:
        _make_tables(case)
    asyncio.run(_run(module, recorder))
    return {"seen": sorted(recorder.seen), "error": ""}


def _forget_hidden(case: Case) -> None:
    """Forget imported libraries that modules of the case hide."""
    hidden = {path.stem for path in case.path.iterdir()} - {*sys.builtin_module_names} if case.path.is_dir() else set()
    for name in [name for name in sys.modules if name.split(".")[0] in hidden]:
        del sys.modules[name]


async def _run(module: ModuleType, recorder: _Recorder) -> None:
    prepare = getattr(module, "prepare", None)
    if prepare is not None:
        made = prepare()
        if inspect.isawaitable(made):
            await made
    recorder.is_on = True
    await module.main()
    recorder.is_on = False


def _make_tables(case: Case) -> None:
    apps = import_module(f"{case.framework}.apps").apps
    connection = import_module(f"{case.framework}.db").connection
    with connection.schema_editor() as editor:
        for model in apps.all_models["shop"].values():
            if not (model._meta.auto_created or model._meta.proxy):
                editor.create_model(model)
    connection.close()


def _set_up(framework: str, folder: str) -> None:
    config = import_module(f"{framework}.apps").AppConfig
    shop = ModuleType("shop_application")
    shop.Shop = type("Shop", (config,), {"name": shop.__name__, "label": "shop", "path": folder})  # type: ignore[attr-defined]
    sys.modules[shop.__name__] = shop
    settings = import_module(f"{framework}.conf").settings
    settings.configure(
        DATABASES={
            "default": {
                "ENGINE": f"{framework}.db.backends.sqlite3",
                "NAME": str(Path(folder, "database")),
                # Files need not outlast the run, so SQLite need not wait for the disk.
                "OPTIONS": {"init_command": "PRAGMA synchronous=OFF; PRAGMA journal_mode=MEMORY"},
            },
        },
        INSTALLED_APPS=["shop_application.Shop", f"ginger_async_safe.contrib.{framework}"],
        DEFAULT_AUTO_FIELD=f"{framework}.db.models.BigAutoField",
        ROOT_URLCONF="none",
    )
    import_module(framework).setup()


def main() -> None:
    """Fork a process for each line of standard input, which names a case."""
    folder = os.environ[_FOLDER] = (
        tempfile.mkdtemp()
    )  # not TemporaryDirectory: a forked process would remove it at its end
    try:
        if len(sys.argv) > 1:
            _set_up(sys.argv[1], folder)
        for module in ("sqlite3", "requests", "subprocess", "concurrent.futures.thread", "http.client"):
            import_module(module)
        load_cases()
        if len(sys.argv) == 1:
            # With a framework, its own marks are enough: switching the guard on would search everything that it has loaded.
            # It is switched on once for all cases, before they are imported.
            guard_blocking_calls()
        gc.collect()
        gc.freeze()
        _nursery.serve(_run_and_clean(folder), lambda why: {"seen": [], "error": why})
    finally:
        shutil.rmtree(folder)


def _run_and_clean(folder: str) -> Any:
    def run(name: str) -> dict[str, Any]:
        Path(folder, "database").unlink(missing_ok=True)
        return run_here(name)

    return run


if __name__ == "__main__":
    main()
