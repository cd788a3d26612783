"""Two lists of hooks in another module, only one of which contains a blocking function."""

import hooks
import plugin  # noqa: F401 - registers


async def main():
    for hook in hooks.STARTUP:
        hook()
    for hook in hooks.SHUTDOWN:
        hook()  # BLOCKS: time.sleep
