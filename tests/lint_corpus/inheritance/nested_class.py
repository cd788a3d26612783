"""A nested class, and a class of the same name outside."""

import time


class Meta:
    def load(self):
        time.sleep(0.001)


class Order:
    class Meta:
        def load(self):
            return 1

    def quiet(self):
        return self.Meta().load()

    def slow(self):
        return Meta().load()


async def main():
    Order.Meta().load()
    Order().quiet()
    Order().slow()  # BLOCKS: time.sleep
