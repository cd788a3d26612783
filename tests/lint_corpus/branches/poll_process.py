"""A process that is polled, and one that is waited for."""

import subprocess
import sys


async def main():
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)  # BLOCKS: subprocess.Popen
    process.poll()
    process.kill()
    process.wait()  # BLOCKS: subprocess.Popen.wait
    process.poll()
