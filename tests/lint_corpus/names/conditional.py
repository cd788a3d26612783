"""A name that is bound in branches."""

import os
import time

if os.environ.get("NOBODY_SETS_THIS"):

    def pause():
        return None

else:

    def pause():
        time.sleep(0.001)


async def main():
    pause()  # BLOCKS: time.sleep
