"""A local name hides that of the module."""

import time


async def main():
    class time:
        @staticmethod
        def sleep(seconds):
            return seconds

    time.sleep(3)
