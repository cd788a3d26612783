"""Subclasses of library classes, of which only methods that do not block are used."""

import json
import logging
import socketserver
import threading


class Encoder(json.JSONEncoder):
    def default(self, value):
        return str(value)


class Memory(logging.Handler):
    def __init__(self):
        super().__init__()
        self.records = []

    def emit(self, record):
        self.records.append(record)


class Handler(socketserver.BaseRequestHandler):
    def handle(self):
        return self.request.recv(1)


class Local(threading.local):
    value = 1


async def main():
    Encoder().encode({"a": object()})
    Memory().emit(logging.makeLogRecord({}))
    Local().value
    json.dumps([object()], cls=Encoder)
