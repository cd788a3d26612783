"""A thread that is started and inspected, but not joined."""

import threading


async def main():
    worker = threading.Thread(target=len, args=("",), daemon=True)
    worker.start()
    worker.is_alive()
    worker.name.upper()
    threading.current_thread().name.lower()
    event = threading.Event()
    event.is_set()
    event.set()
    event.wait
