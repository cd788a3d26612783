"""Context managers made from functions that do not block, and async ones."""

import contextlib


@contextlib.contextmanager
def quiet():
    yield 1


@contextlib.asynccontextmanager
async def calm():
    yield 2


class Closes:
    def close(self):
        return None


async def main():
    with quiet() as one:
        one
    async with calm() as two:
        two
    with contextlib.closing(Closes()), contextlib.suppress(ValueError):
        pass
    async with contextlib.AsyncExitStack() as stack:
        stack.enter_context(quiet())
        await stack.enter_async_context(calm())
