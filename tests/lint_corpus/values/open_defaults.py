"""Defaults that other code replaces: of parameters, attributes, classes and ``getattr``."""

import os
from collections.abc import Callable
from dataclasses import dataclass


class Plugin:
    folder = None
    enabled = False

    def __init__(self):
        self.verbose = False
        self.limit: int | None = None

    async def start(self):
        if self.folder:
            os.stat(self.folder)  # BLOCKS: os.stat
        if not self.enabled:
            return
        os.stat("/tmp")  # BLOCKS: os.stat

    async def stop(self):
        if self.verbose:
            os.stat("/tmp")  # BLOCKS: os.stat
        if self.limit is not None:
            os.stat("/tmp")  # BLOCKS: os.stat


@dataclass
class Options:
    clean: bool = False
    count: "int | None" = None


async def called(timeout: float | None = None, callback: Callable[[], None] | None = None):
    if timeout is not None:
        os.stat("/tmp")  # BLOCKS: os.stat
    if callback is None:
        return
    os.stat("/tmp")  # BLOCKS: os.stat


async def cleaned(options: Options):
    if options.clean:
        os.stat("/tmp")  # BLOCKS: os.stat
    if options.count:
        os.stat("/tmp")  # BLOCKS: os.stat


async def got(response):
    stream = getattr(response, "limit", None)
    if stream is None:
        return
    os.stat("/tmp")  # BLOCKS: os.stat


async def main():
    plugin = Plugin()
    plugin.folder, plugin.enabled, plugin.verbose, plugin.limit = "/tmp", True, True, 1
    await plugin.start()
    await plugin.stop()
    await called(1, len)
    await cleaned(Options(clean=True, count=1))
    await got(plugin)
