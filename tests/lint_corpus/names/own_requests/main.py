"""A package of the project that is named like a library hides it."""

import requests
from requests import get


async def main():
    get("rows")
    requests.get("rows")
    requests.Session().get("rows")
