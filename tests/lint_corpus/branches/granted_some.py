"""A grant for some calls does not allow others."""

import subprocess
import time

from ginger_async_safe import allow_async_unsafe


async def main():
    with allow_async_unsafe(reason="a reason", calls="time.*"):
        time.sleep(0.001)
        subprocess.call(["true"])  # BLOCKS: subprocess.call
    with allow_async_unsafe(reason="a reason", calls="subprocess.*, time.sleep"):
        subprocess.call(["true"])
        time.sleep(0.001)
