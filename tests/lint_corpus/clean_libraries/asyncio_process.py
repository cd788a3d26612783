"""asyncio's processes, whose methods have the names of subprocess's."""

import asyncio
import sys


async def main():
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", "print(input())", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate(b"hello\n")
    print(out.decode(), await process.wait(), process.returncode)
    shell = await asyncio.create_subprocess_shell("exit 0")
    await shell.wait()
