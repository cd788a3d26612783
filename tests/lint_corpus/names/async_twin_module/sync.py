"""The sync one."""

import time


def load():
    time.sleep(0.001)
