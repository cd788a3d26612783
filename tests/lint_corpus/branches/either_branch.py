"""Either branch may be taken."""

import os
import time


async def main():
    if os.environ.get("NOBODY_SETS_THIS"):
        name = "a"
    else:
        time.sleep(0.001)  # BLOCKS: time.sleep
        name = "b"
    return name
