import asyncio
import hashlib
import time

from ginger_async_safe import watch_loops


def fingerprint(password):
    return hashlib.pbkdf2_hmac("sha256", password, b"salt", 3_000_000).hex()


async def sign_up():
    fingerprint(b"correct horse battery staple")


def charge(card):
    time.sleep(0.5)  # a client that waits for its server


async def order():
    charge("4711")


async def main():
    for _ in range(3):
        await sign_up()
        await asyncio.sleep(0.1)
        await order()
        await asyncio.sleep(0.1)


with watch_loops(threshold=0.1, report=print) as watch:
    asyncio.run(main())

for each in watch.blocked:
    print(f"{each.path[0]}: {each.count} times")
