"""Thread classes and timers, whose bodies run in other threads."""

import threading
import time


class Worker(threading.Thread):
    def __init__(self, seconds):
        super().__init__(daemon=True)
        self.seconds = seconds

    def run(self):
        time.sleep(self.seconds)
        self.finish()

    def finish(self):
        time.sleep(self.seconds)


async def main():
    worker = Worker(0.001)
    worker.start()
    timer = threading.Timer(60, time.sleep, [1])
    timer.daemon = True
    timer.start()
    timer.cancel()
    print(worker.is_alive(), worker.name, threading.current_thread().name)
