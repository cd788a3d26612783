"""A method of the project is called async_unsafe, and marks nothing."""


class Registry:
    def __init__(self):
        self.known = []

    def async_unsafe(self, function):
        self.known.append(function)
        return function


registry = Registry()


@registry.async_unsafe
def recount():
    return 1


async def main():
    recount()
