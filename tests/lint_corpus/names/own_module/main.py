"""A module of the project is meant, and not the package of that name."""

from shop import requests


async def main():
    requests.get("it")
