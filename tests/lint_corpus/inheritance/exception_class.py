"""An exception class of the project that does not block when it is formatted."""

import time


class Failed(Exception):
    def __init__(self, why):
        super().__init__(why)
        self.why = why

    def __str__(self):
        return f"failed: {self.why}"

    def retry(self):
        time.sleep(0.001)


class Slow(Failed):
    def __str__(self):
        time.sleep(0.001)
        return self.why


async def main():
    try:
        raise Failed("a")
    except Failed as error:
        print(error)
        str(error)
    try:
        raise Slow("b")
    except Slow as error:
        error.why
