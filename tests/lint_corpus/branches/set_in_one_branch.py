"""An attribute that one branch sets, and the other leaves as it was."""

import os


class Job:
    def __init__(self, folder):
        self.folder = folder

    async def run(self, is_dry, names):
        if is_dry:
            self.folder = None
        if self.folder:
            os.stat(self.folder)  # BLOCKS: os.stat
        for _ in names:
            self.folder = None
        if self.folder is not None:
            os.stat(self.folder)  # BLOCKS: os.stat


async def main():
    await Job("/tmp").run(False, ())
