"""A module that gives its names when they are asked for: nobody can tell."""

import importlib


async def main():
    module = importlib.import_module("math")
    module.floor(2.5)
