"""``finally`` blocks, which run with an error and without one."""

import os
import tempfile


def work(number):
    if number > 1:
        raise ValueError(number)
    return number


async def main():
    made = None
    try:
        made = work(1)
    except ValueError:
        made = 0
    finally:
        made += 1
    try:
        work(2)
    except ValueError:
        os.stat("/tmp")  # BLOCKS: os.stat
    else:
        made += 1
    finally:
        os.listdir(tempfile.gettempdir())  # BLOCKS: os.listdir
    return made
