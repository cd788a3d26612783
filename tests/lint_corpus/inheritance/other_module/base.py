"""The base."""

import time


class Base:
    def pause(self):
        time.sleep(0.001)

    def quiet(self):
        return None
