"""Python imports this module when it starts, because ``ginger-async-safe run`` has put its directory on ``PYTHONPATH``.

It hides a ``sitecustomize`` that the environment may have, and therefore imports that one too. The program finds
``sys.path`` as it would be without this directory.
"""

# ruff: noqa: INP001, PTH100, PTH120 - Python finds it by its directory; it imports little into other environments' Pythons

import json
import os
import sys

_VARIABLE = "GINGER_ASYNC_SAFE_RUN"
_HERE = os.path.dirname(os.path.abspath(__file__))
_ROOT = os.path.dirname(os.path.dirname(os.path.dirname(_HERE)))


def _load_theirs() -> None:
    sys.path[:] = [each for each in sys.path if each != _HERE]
    ours = sys.modules.pop("sitecustomize")
    try:
        import sitecustomize  # type: ignore[import-not-found] # noqa: F401, PLC0415
    except ImportError as error:
        if error.name != "sitecustomize":
            raise
        sys.modules["sitecustomize"] = ours


def _begin() -> None:
    options = json.loads(os.environ.get(_VARIABLE, "{}"))
    if options.get("environment") != sys.prefix:
        return  # a Python of another environment, where this library may not be installed
    is_found = _ROOT in sys.path
    sys.path += [] if is_found else [_ROOT]  # at the end: it may hold more than this library
    try:
        from ginger_async_safe._run.process import begin  # noqa: PLC0415
    finally:
        if not is_found:
            sys.path.remove(_ROOT)
    begin(options)


try:
    _load_theirs()
finally:
    _begin()
