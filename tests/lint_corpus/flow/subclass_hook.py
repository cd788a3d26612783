"""A method that a subclass implements."""

import time


class View:
    async def dispatch(self):
        return self.handle()  # BLOCKS: time.sleep

    def handle(self):
        return None


class Slow(View):
    def handle(self):
        time.sleep(0.001)


class Quiet(View):
    def handle(self):
        return 1


async def main():
    await Slow().dispatch()
    await Quiet().dispatch()
