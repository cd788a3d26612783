"""A project's own open hides the builtin one."""


def open(name):
    return name.upper()


async def main():
    open("door")
