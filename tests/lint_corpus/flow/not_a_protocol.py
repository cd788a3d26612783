"""Methods with the names of a protocol's, in a class that is no protocol."""

import time


class Echo:
    def data_received(self, data):
        time.sleep(3)


async def main():
    return Echo()
