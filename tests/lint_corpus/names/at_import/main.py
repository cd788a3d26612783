"""A module that blocks while it is imported, before there is a loop."""

import slow


async def main():
    slow.read()
    import slow as again

    again.read()
