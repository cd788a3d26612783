"""Names that are bound by unpacking."""

import time

pause, quiet = time.sleep, len
(wait, _), *_ = [(time.sleep, 1), 2]


async def main():
    quiet("a")
    pause(0.001)  # BLOCKS: time.sleep
    wait(0.001)  # BLOCKS: time.sleep
