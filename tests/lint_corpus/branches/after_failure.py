"""In handlers and ``finally``, a variable has the value that it had where the failure was."""

import contextlib
import os


class Upload:
    def __init__(self):
        self.is_done = False

    async def run(self, fails):
        self.is_done = False
        try:
            await send(fails)
            self.is_done = True
        finally:
            if not self.is_done:
                os.stat("/tmp")  # BLOCKS: os.stat


async def send(fails):
    if fails:
        raise ValueError(fails)


async def save(fails):
    done = False
    try:
        await send(fails)
        done = True
    finally:
        if not done:
            os.stat("/tmp")  # BLOCKS: os.stat


async def between(fails):
    started = False
    try:
        started = True
        await send(fails)
        started = False
    except ValueError:
        if started:
            os.stat("/tmp")  # BLOCKS: os.stat


async def main():
    with contextlib.suppress(ValueError):
        await save(True)
    with contextlib.suppress(ValueError):
        await Upload().run(True)
    await between(True)
