"""A shop."""

import time

from hooks import hook


@hook
def slow():
    time.sleep(0.001)
