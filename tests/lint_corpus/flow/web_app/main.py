"""An application whose sync handlers run in threads, and whose async ones do not."""

import os
import time

from framework import App

app = App()


@app.get("/slow")
async def slow():
    time.sleep(0.001)  # BLOCKS: time.sleep
    return "slow"


@app.get("/sync")
def sync():
    time.sleep(0.001)
    return os.listdir("/tmp")


async def main():
    await app.call("/slow")
    await app.call("/sync")
