"""A plugin, which registers itself."""

import time

from hooks import on_shutdown, on_startup


@on_startup
def greet():
    return "hello"


@on_shutdown
def flush():
    time.sleep(0.001)
