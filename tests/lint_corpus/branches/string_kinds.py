"""A string argument that selects the branch."""

import time


def run(how):
    if how == "slow":
        time.sleep(0.001)
    elif how == "fast":
        return 1
    return 2


async def main():
    run("slow")  # BLOCKS: time.sleep
    run("fast")
    run("other")
