"""The project's own open() hides the builtin."""


def open(name):
    return name.upper()


async def main():
    open("door")
