"""A mixin calls methods that its class inherits from another base."""

import time


class Log:
    def save(self):
        super().save()


class Base:
    def save(self):
        time.sleep(0.001)


class Quiet:
    def save(self):
        return None


class Order(Log, Base):
    pass


class Note(Log, Quiet):
    pass


async def main():
    Order().save()  # BLOCKS: time.sleep
    Note().save()
