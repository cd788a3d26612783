"""A thread runs its own ``run()``; calling that directly blocks."""

import threading
import time


class Worker(threading.Thread):
    def run(self):
        time.sleep(0.001)


class Quiet(threading.Thread):
    def join(self, timeout=None):
        return None


async def main():
    Worker(daemon=True).start()
    Worker(daemon=True).name.upper()
    Quiet().join()
    Worker().run()  # BLOCKS: time.sleep
