"""A signal handler that the loop calls."""

import asyncio
import os
import signal
import time


async def main():
    loop = asyncio.get_running_loop()
    done = asyncio.Event()

    def stop():
        time.sleep(0.001)  # BLOCKS: time.sleep
        done.set()

    loop.add_signal_handler(signal.SIGUSR1, stop)
    os.kill(os.getpid(), signal.SIGUSR1)
    await done.wait()
    loop.remove_signal_handler(signal.SIGUSR1)
