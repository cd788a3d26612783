"""A name of a module that functions read while its value is made."""

import time


class Client:
    def send(self):
        time.sleep(0.001)


def ping():
    if client is not None:
        client.send()


def made():
    ping()
    return Client()


client = None
client = made()


async def main():
    print(client)
    ping()  # BLOCKS: time.sleep
