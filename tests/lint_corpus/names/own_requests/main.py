"""A package of the project hides the library of the same name."""

import requests
from requests import get


async def main():
    get("rows")
    requests.get("rows")
    requests.Session().get("rows")
