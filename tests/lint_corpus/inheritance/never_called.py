"""Blocking methods that no async code calls."""

import time


class Shop:
    def pause(self):
        time.sleep(3)

    @property
    def slow(self):
        time.sleep(3)

    def __len__(self):
        time.sleep(3)
        return 1


async def main():
    shop = Shop()
    method = shop.pause
    return method, Shop.slow
