"""Subclasses of a requests session: one sends requests, and one overrides the method that sends them."""

import requests


class Api(requests.Session):
    def load(self):
        return self.get("http://127.0.0.1:9/", timeout=1)


class Fake(requests.Session):
    def request(self, method, url, **rest):
        return method, url


async def main():
    Fake().request("GET", "http://127.0.0.1:9/")
    Fake().get("http://127.0.0.1:9/")
    Fake().headers.get("a")
    try:
        Api().load()  # BLOCKS: requests.Session.request, requests.Session.send, socket.connect
    except requests.RequestException:
        pass
