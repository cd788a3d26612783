"""Another decorator of that name marks nothing."""


def async_unsafe(function):
    return function


@async_unsafe
def recount():
    return 1


async def main():
    recount()
