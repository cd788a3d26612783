"""Names that are swapped."""

import time

pause, quiet = time.sleep, len
quiet, pause = pause, quiet


async def main():
    pause("a")
    quiet(0.001)  # BLOCKS: time.sleep
