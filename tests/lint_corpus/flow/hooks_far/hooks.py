"""Lists of hooks."""

STARTUP = []
SHUTDOWN = []


def on_startup(function):
    STARTUP.append(function)
    return function


def on_shutdown(function):
    SHUTDOWN.append(function)
    return function
