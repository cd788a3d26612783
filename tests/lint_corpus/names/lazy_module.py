"""A module with ``__getattr__``, whose names cannot be known."""

import importlib


async def main():
    module = importlib.import_module("math")
    module.floor(2.5)
