"""A small framework in the project, similar to the known ones."""

import asyncio


class App:
    def __init__(self):
        self.routes = {}

    def get(self, path):
        def register(handler):
            self.routes[path] = handler
            return handler

        return register

    async def call(self, path):
        handler = self.routes[path]
        if asyncio.iscoroutinefunction(handler):
            return await handler()
        return await asyncio.to_thread(handler)
