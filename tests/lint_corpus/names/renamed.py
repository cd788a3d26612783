"""A blocking call by another name."""

from time import sleep as pause
import subprocess as processes


async def main():
    pause(0.001)  # BLOCKS: time.sleep
    processes.run(["true"], check=True)  # BLOCKS: subprocess.run
