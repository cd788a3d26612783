"""Subinterpreters, their queues, and pools of them."""
# SINCE: 3.14

import asyncio
import time
from concurrent import interpreters
from concurrent.futures import InterpreterPoolExecutor

bounded = interpreters.create_queue(1)


def whole():
    made = interpreters.create()
    made.exec("1 + 1")
    made.close()


async def main():
    interpreter = interpreters.create()  # BLOCKS: concurrent.interpreters.create
    interpreter.exec("1 + 1")  # BLOCKS: concurrent.interpreters.Interpreter.exec
    interpreter.call(len, "a")  # BLOCKS: concurrent.interpreters.Interpreter.call
    thread = interpreter.call_in_thread(time.sleep, 0.05)
    thread.join()  # BLOCKS: threading.Thread.join
    interpreter.close()  # BLOCKS: concurrent.interpreters.Interpreter.close
    await asyncio.to_thread(whole)
    queue = interpreters.create_queue()
    queue.put(1)
    try:
        bounded.get(timeout=0)
    except interpreters.QueueEmpty:
        bounded.put(1, block=False)
    try:
        bounded.put(2, timeout=1)  # BLOCKS: concurrent.interpreters.Queue.put
    except interpreters.QueueFull:
        bounded.get_nowait()
    try:
        bounded.get(timeout=1)  # BLOCKS: concurrent.interpreters.Queue.get
    except interpreters.QueueEmpty:
        pass
    pool = InterpreterPoolExecutor(1)
    await asyncio.get_running_loop().run_in_executor(pool, len, "a")
    pool.submit(time.sleep, 0.05).result()  # BLOCKS: concurrent.futures.Future.result
    pool.shutdown(wait=False)
