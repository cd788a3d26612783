"""Context managers of all kinds that do not block."""

import contextlib
import contextvars
import decimal
import io

CURRENT = contextvars.ContextVar("current", default=0)


@contextlib.contextmanager
def current(value):
    token = CURRENT.set(value)
    try:
        yield value
    finally:
        CURRENT.reset(token)


class Connection:
    def close(self):
        self.closed = True


async def main():
    with current(1), contextlib.closing(Connection()) as connection:
        print(CURRENT.get(), connection)
    with contextlib.redirect_stdout(io.StringIO()):
        print("hidden")
    with decimal.localcontext() as context:
        context.prec = 3
    async with contextlib.AsyncExitStack() as stack:
        stack.enter_context(current(2))
        stack.callback(connection.close)
