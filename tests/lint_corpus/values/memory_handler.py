"""Logging handlers that do not block."""

import logging
import logging.handlers
import queue

log = logging.getLogger("values.memory_handler")
log.propagate = False
log.addHandler(logging.NullHandler())
log.addHandler(logging.handlers.QueueHandler(queue.SimpleQueue()))
log.addHandler(logging.handlers.MemoryHandler(10))


async def main():
    log.warning("a %s", 1)
    log.error("b", extra={"c": 1})
    logging.getLogger("values").isEnabledFor(10)
