"""Creating a new project from the templates beside this file."""

from __future__ import annotations

import importlib.util
import keyword
import secrets
import shutil
import tempfile
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from importlib.abc import Traversable

__all__ = ["FRAMEWORKS", "ProjectError", "startproject"]

_SUFFIX = ".tmpl"


class ProjectError(Exception):
    """The project cannot be written, and nothing was."""


class _Framework(NamedTuple):
    """The values that the templates of a project take from its framework."""

    framework: str
    title: str
    distribution: str
    variable: str


FRAMEWORKS = {
    each.framework: each
    for each in (
        _Framework("gingerdj", "GingerDJ", "ginger-dj", "GINGER_SETTINGS_MODULE"),
        _Framework("django", "Django", "django", "DJANGO_SETTINGS_MODULE"),
    )
}
"""The frameworks that a project can be written for."""


def startproject(name: str, directory: str | Path = ".", framework: str | None = None) -> str:
    """Write the project ``name`` into ``directory/name``, completely or not at all.

    Args:
        name: A Python identifier that is not the name of an importable module.
        directory: Where to write it; created if it does not exist.
        framework: One of :data:`FRAMEWORKS`, for a project with ``manage.py`` and an ORM; ``None`` for a package that
            needs no framework.

    Returns:
        The message for the user: what was created, and how to start it.

    Raises:
        ProjectError: If the name or the target directory is unsuitable.
    """
    target = Path(directory) / name
    _refuse_bad_name(name, target)
    try:
        if target.exists() and (not target.is_dir() or any(target.iterdir())):
            msg = f"{target} exists already and is not an empty directory; choose another name or directory"
            raise ProjectError(msg)
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{name}-", dir=target.parent) as temporary:
            written = Path(temporary) / name
            _write(written, name, None if framework is None else FRAMEWORKS[framework])
            if target.exists():
                target.rmdir()
            shutil.move(written, target)
    except OSError as error:
        msg = f"cannot write {target}: {error.strerror or error}; choose a writable directory"
        raise ProjectError(msg) from error
    place = target.parent if framework is None else target
    packages = "uvicorn" if framework is None else f"{FRAMEWORKS[framework].distribution} uvicorn"
    return (
        f"Created the project {name} in {target}.\n"
        f"Start it from {place.resolve()}:\n\n"
        f"    pip install {packages}\n"
        f"{'' if framework is None else '    python manage.py migrate' + chr(10)}"
        f"    uvicorn {name}.asgi:application\n\n"
        f"{target / 'README.md'} has the commands for Hypercorn, Daphne and Granian."
    )


def _write(target: Path, name: str, framework: _Framework | None) -> None:
    templates = files("ginger_async_safe.cli") / "templates" / ("project" if framework is None else "framework")
    values = {"name": name} | (
        {} if framework is None else {**framework._asdict(), "secret": secrets.token_urlsafe(38)}
    )
    _fill(templates, target, values)


def _fill(templates: Traversable, target: Path, values: dict[str, str]) -> None:
    """Write a directory from templates; ``project_name`` in the name of a directory becomes the project's name."""
    target.mkdir()
    for template in templates.iterdir():
        if template.is_dir():
            _fill(template, target / template.name.replace("project_name", values["name"]), values)
        elif template.name.endswith(_SUFFIX):
            text = Template(template.read_text(encoding="utf-8")).substitute(values)
            path = target / template.name.removesuffix(_SUFFIX)
            path.write_text(text, encoding="utf-8")
            if text.startswith("#!"):
                path.chmod(0o755)


def _refuse_bad_name(name: str, target: Path) -> None:
    if not name.isidentifier():
        msg = f"{name!r} is no valid project name: use letters, digits and underscores, a letter first, as in bookshop"
    elif keyword.iskeyword(name):
        msg = f"{name!r} is no valid project name: it is a keyword of Python; choose another"
    elif target.with_suffix(".py").exists():
        msg = f"{name!r} is no valid project name: it would shadow {target.with_suffix('.py')}; choose another"
    elif _is_importable(name, target):
        msg = f"{name!r} is no valid project name: a module of that name exists already; choose another"
    else:
        return
    raise ProjectError(msg)


def _is_importable(name: str, target: Path) -> bool:
    """Return whether a module of this name exists elsewhere than at the target."""
    try:
        spec = importlib.util.find_spec(name)
    except ValueError:  # in sys.modules without a spec, as __main__ is
        return True
    if spec is None:
        return False
    places = spec.submodule_search_locations or [spec.origin or ""]
    return any(Path(place).resolve() != target.resolve() for place in places)
