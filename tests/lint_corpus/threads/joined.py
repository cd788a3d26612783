"""Threads that are started and joined on the loop."""

import threading
import time


class Worker(threading.Thread):
    def run(self):
        time.sleep(0.05)


async def main():
    worker = Worker()
    worker.start()
    worker.join()  # BLOCKS: threading.Thread.join
    timer = threading.Timer(0.05, time.sleep, [0.001])
    timer.daemon = True
    timer.start()
    other = threading.Thread(target=lambda: time.sleep(0.05), daemon=True)
    other.start()
    other.join(timeout=1)  # BLOCKS: threading.Thread.join
