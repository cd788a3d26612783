"""Calls that Python itself makes to clean up an object: they run, and are reported."""

from __future__ import annotations

import asyncio
import io
import os
import weakref
from typing import TYPE_CHECKING, Any

import pytest
from _guarding import called_in_task, listening

from ginger_async_safe import SynchronousOnlyOperation, async_unsafe, guard_blocking_calls

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Generator, Iterator
    from pathlib import Path


@pytest.fixture(autouse=True)
def _rules() -> Iterator[None]:
    with guard_blocking_calls():
        yield


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file for the cleanup to remove."""
    path = tmp_path / "lock"
    path.touch()
    return path


class WithDel:
    """Cleans up in ``__del__``."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __del__(self) -> None:
        os.unlink(self.path)  # noqa: PTH108 - the call that a rule names


class WithReferences:
    """Cleans up in the callback of a weak reference, which is a method."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.watched: Any = WithoutAnything()
        self.reference = weakref.ref(self.watched, self.gone)

    def gone(self, _: object) -> None:
        """Be called when the object is gone."""
        os.unlink(self.path)  # noqa: PTH108 - as above


class WithoutAnything:
    """May be weakly referenced."""


def by_del(path: Path) -> None:
    """Drop the last reference."""
    held = WithDel(path)
    del held


def by_assignment(path: Path) -> None:
    """Drop it by binding the name to something else."""
    held: object = WithDel(path)
    held = None
    del held


def by_return(path: Path) -> None:
    """Drop it as the function returns."""
    held = WithDel(path)
    assert held.path == path


def by_container(path: Path) -> None:
    """Drop it in C code."""
    held = [WithDel(path)]
    held.clear()


def by_finalize(path: Path) -> None:
    """Clean up with weakref.finalize."""
    held = WithoutAnything()
    weakref.finalize(held, os.unlink, path)
    del held


def by_calling_finalize(path: Path) -> None:
    """Call what weakref.finalize returns: it forgets its function before it calls it."""
    held = WithoutAnything()
    weakref.finalize(held, os.unlink, path)()


def by_callback(path: Path) -> None:
    """Clean up in the callback of a weak reference."""
    held = WithoutAnything()

    def gone(_: object) -> None:
        os.unlink(path)  # noqa: PTH108 - as above

    reference = weakref.ref(held, gone)
    del held
    assert reference() is None


def by_method_as_callback(path: Path) -> None:
    """Clean up in a method as the callback."""
    held = WithReferences(path)
    held.watched = None


def by_generator(path: Path) -> None:
    """Clean up in the ``finally`` of an unfinished generator."""

    def rows() -> Iterator[int]:
        try:
            yield 1
        finally:
            os.unlink(path)  # noqa: PTH108 - as above

    held = rows()
    next(held)
    del held


def by_closing_a_generator(path: Path) -> None:
    """Close the generator, which cannot be closed again."""

    def rows() -> Generator[int, None, None]:
        try:
            yield 1
        except GeneratorExit:
            clean()

    def clean() -> None:
        os.unlink(path)  # noqa: PTH108 - as above

    held = rows()
    next(held)
    held.close()


def by_coroutine(path: Path) -> None:
    """Clean up in the ``finally`` of a coroutine that is dropped while it is suspended."""

    class Wait:
        def __await__(self) -> Generator[None, None, None]:
            yield

    async def work() -> None:
        try:
            await Wait()
        finally:
            os.unlink(path)  # noqa: PTH108 - as above

    held = work()
    held.send(None)
    held.close()


ALL = [
    *(by_del, by_assignment, by_return, by_container, by_finalize, by_calling_finalize, by_callback),
    *(by_method_as_callback, by_generator, by_closing_a_generator, by_coroutine),
]


@pytest.mark.parametrize("drop", ALL, ids=lambda each: each.__name__)
def test_runs_and_is_reported(drop: Callable[[Path], None], file: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The cleanup is done, listeners are called, and it is logged."""
    with listening() as heard:
        called_in_task(drop, file)
    assert not file.exists()
    assert ["os.unlink"] == [each.call for each in heard]
    assert 1 == len(caplog.records)


def test_marked_calls() -> None:
    """The same is true for marked calls."""
    done: list[str] = []

    @async_unsafe
    def clean() -> None:
        done.append("clean")

    class Held:
        def __del__(self) -> None:
            clean()

    called_in_task(Held)
    assert ["clean"] == done


def test_ordinary_cleanup_is_stopped(file: Path) -> None:
    """What ordinary code does in a ``finally`` is no finalizer: it is stopped."""

    def work() -> None:
        try:
            raise KeyError
        finally:
            os.unlink(file)  # noqa: PTH108 - as above

    with pytest.raises(SynchronousOnlyOperation):
        called_in_task(work)
    assert file.exists()


class Lazy:
    """A proxy: reading its class creates the object that it represents."""

    def __init__(self) -> None:
        self.is_made = False

    @property  # type: ignore[misc]
    def __class__(self) -> Any:
        self.is_made = True
        return dict


def test_lazy_object(file: Path) -> None:
    """An argument that would be created when its class is read is not touched."""

    def clean(_: object) -> None:
        os.unlink(file)  # noqa: PTH108 - as above

    lazy = Lazy()
    with pytest.raises(SynchronousOnlyOperation):
        called_in_task(clean, lazy)
    assert not lazy.is_made


def test_live_reference(file: Path) -> None:
    """A function whose argument is a weak reference to a live object is no callback of one."""
    held = WithoutAnything()

    def clean(_: object) -> None:
        os.unlink(file)  # noqa: PTH108 - as above

    with pytest.raises(SynchronousOnlyOperation):
        called_in_task(clean, weakref.ref(held))


class Named:
    """Cleans up in a function with another name."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def close(self) -> None:
        """Clean up."""
        os.unlink(self.path)  # noqa: PTH108 - as above

    __del__ = close


class RawFile(io.RawIOBase):
    """A file that Python closes when it ends."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def close(self) -> None:
        """Clean up."""
        if not self.closed:
            os.unlink(self.path)  # noqa: PTH108 - as above
        super().close()


def by_other_name(path: Path) -> None:
    """Have another name than ``__del__``."""
    held = [Named(path)]
    held.clear()


def by_closing_a_file(path: Path) -> None:
    """Have a file closed by its own finalizer."""
    held = [RawFile(path)]
    held.clear()


def by_inner_handler(path: Path) -> None:
    """Handle another error while a generator is closed."""

    def rows() -> Iterator[int]:
        try:
            yield 1
        finally:
            try:
                raise KeyError  # noqa: TRY301 - the handler below is what is tested
            except KeyError:
                os.unlink(path)  # noqa: PTH108 - as above

    held = [rows()]
    next(held[0])
    held.clear()


def by_rest_of_arguments(path: Path) -> None:
    """Have the weak reference among any arguments."""
    held = [WithoutAnything()]
    reference = weakref.ref(held[0], lambda *_: os.unlink(path))  # noqa: PTH108 - as above
    held.clear()
    assert reference() is None


@pytest.mark.parametrize("drop", [by_other_name, by_closing_a_file, by_inner_handler, by_rest_of_arguments])
def test_by_whatever_name(drop: Callable[[Path], None], file: Path) -> None:
    """A finalizer is recognized by what calls it, not by its name."""
    called_in_task(drop, file)
    assert not file.exists()


def test_async_generator_closed_by_the_loop(file: Path) -> None:
    """So is what an async generator does when the loop closes it; what a task closes may be stopped."""

    async def rows() -> AsyncGenerator[int, None]:
        try:
            yield 1
        finally:
            os.unlink(file)  # noqa: PTH108 - as above

    left: list[object] = []

    async def leave_open() -> None:
        held = rows()
        await held.__anext__()
        left.append(held)

    async def closed() -> None:
        held = rows()
        await held.__anext__()
        await held.aclose()

    with pytest.raises(SynchronousOnlyOperation):
        asyncio.run(closed())
    assert file.exists()
    asyncio.run(leave_open())
    assert not file.exists()
