"""Methods of these names in a class that is none."""

import time


class Echo:
    def data_received(self, data):
        time.sleep(3)


async def main():
    return Echo()
