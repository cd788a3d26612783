"""A process under ``with`` is waited for at the end, and asked by its own methods before."""

import subprocess


async def main():
    with subprocess.Popen(["true"]) as process:  # BLOCKS: subprocess.Popen, subprocess.Popen.wait
        process.pid
        process.args
        process.wait()  # BLOCKS: subprocess.Popen.wait
        process.poll()
        process.returncode
