"""What follows a loop is reached by a break, and its next turn by a continue."""

import pathlib
import time


class Shelf:
    def find(self):
        return None


class SlowShelf(Shelf):
    def find(self):
        time.sleep(0.001)
        return "Kindred"


async def main():
    for path in (pathlib.Path("a"), pathlib.Path("b")):
        if path.name == "b":
            break
    else:
        raise LookupError
    time.sleep(0.001)  # BLOCKS: time.sleep
    shelf = Shelf()
    for name in ("a", "b"):
        shelf.find()  # BLOCKS: time.sleep
        if name == "a":
            shelf = SlowShelf()
            continue
        return
