"""A process that is waited for."""

import subprocess


async def main():
    process = subprocess.Popen(["sleep", "0.01"])  # BLOCKS: subprocess.Popen
    process.wait()  # BLOCKS: subprocess.Popen.wait
    process.poll()
