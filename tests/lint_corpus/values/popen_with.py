"""A process in a ``with`` statement, which waits for it at the end, and methods that do not wait."""

import subprocess


async def main():
    with subprocess.Popen(["true"]) as process:  # BLOCKS: subprocess.Popen, subprocess.Popen.wait
        process.pid
        process.args
        process.wait()  # BLOCKS: subprocess.Popen.wait
        process.poll()
        process.returncode
