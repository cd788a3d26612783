"""Another decorator of the same name marks nothing."""


def async_unsafe(function):
    return function


@async_unsafe
def recount():
    return 1


async def main():
    recount()
