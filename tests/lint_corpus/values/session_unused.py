"""A session of requests that is created and configured, but sends nothing."""

import requests


def session() -> requests.Session:
    made = requests.Session()
    made.headers["a"] = "b"
    made.headers.get("a")
    made.cookies.get("c")
    return made


async def main():
    made = session()
    made.auth = ("a", "b")
    made.headers.update(d="e")
    requests.Request("GET", "http://127.0.0.1/").prepare()
    requests.codes.ok
    made.close()
