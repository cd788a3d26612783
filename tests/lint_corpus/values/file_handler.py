"""Logging to a file."""

import logging
import tempfile

log = logging.getLogger("values.file_handler")
log.propagate = False


def prepare():
    global handler
    handler = logging.FileHandler(tempfile.mktemp())
    log.addHandler(handler)


async def main():
    handler.emit(logging.makeLogRecord({"msg": "a"}))  # BLOCKS: logging.FileHandler.emit
    logging.NullHandler().emit(logging.makeLogRecord({"msg": "a"}))
