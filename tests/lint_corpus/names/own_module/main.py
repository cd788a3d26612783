"""A module of the project is imported, not the package of that name."""

from shop import requests


async def main():
    requests.get("it")
