"""Items of a dictionary that may not be there yet."""

import time


class Backend:
    def connect(self):
        return "connected"


BACKENDS: dict[str, Backend] = {}


def backend_of(scheme):
    backend = BACKENDS.get(scheme)
    if backend is not None:
        return backend
    time.sleep(0.001)
    return BACKENDS.setdefault(scheme, Backend())


async def main():
    backend_of("a").connect()  # BLOCKS: time.sleep
