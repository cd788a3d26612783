"""A session of requests, all of whose methods lead to one call."""

import requests


async def main():
    session = requests.Session()
    try:
        session.get("http://127.0.0.1:9/")  # BLOCKS: requests.Session.request
    except requests.ConnectionError:
        pass
    try:
        requests.get("http://127.0.0.1:9/")  # BLOCKS: requests.get
    except requests.ConnectionError:
        pass
    session.headers.update({"a": "b"})
    session.close()
