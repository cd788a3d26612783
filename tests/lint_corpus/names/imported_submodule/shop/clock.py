"""The clock."""

import time as _time


def pause():
    _time.sleep(0.001)


def quiet():
    return _time.time()
