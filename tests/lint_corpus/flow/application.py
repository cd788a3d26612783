"""Handlers of an application, which the case itself does not call."""

import time


class Application:
    def __init__(self):
        self.routes = {}

    def get(self, path):
        def decorator(function):
            self.routes[path] = function
            return function

        return decorator


app = Application()


@app.get("/")
async def index():
    time.sleep(0.001)  # BLOCKS: time.sleep
    return {}


@app.get("/sync")
def in_thread():
    time.sleep(3)


async def main():
    await app.routes["/"]()
