"""An inner function binds the name of the outer one."""

import time


async def main():
    wait = time.sleep

    def calm():
        nonlocal wait
        wait = len

    wait(0.001)  # BLOCKS: time.sleep
    calm()
    wait([])
