"""The clock."""

import time

pause = time.sleep


def twice():
    pause(0.001)
    pause(0.001)
