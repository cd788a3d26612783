"""Methods that subscriptions call."""

import time


class Box:
    def __getitem__(self, key):
        time.sleep(0.001)

    def __setitem__(self, key, value):
        time.sleep(0.001)

    def __delitem__(self, key):
        time.sleep(0.001)


async def main():
    box = Box()
    box[1]  # BLOCKS: time.sleep
    box[1] = 2  # BLOCKS: time.sleep
    del box[1]  # BLOCKS: time.sleep
    {}.get(1)
    [1][0]
