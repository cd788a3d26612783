"""Nested async functions."""

import time


def make():
    async def inner():
        time.sleep(0.001)  # BLOCKS: time.sleep

    return inner


class Application:
    def route(self, path):
        def decorator(function):
            return function

        return decorator


def build():
    app = Application()

    @app.route("/")
    async def index():
        time.sleep(0.001)  # BLOCKS: time.sleep

    return index


async def main():
    await make()()
    await build()()
