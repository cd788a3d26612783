"""``super()`` in a mixin calls the class beside it, which depends on the class of the instance."""

import time


class Base:
    def load(self):
        return 1


class Slow(Base):
    def load(self):
        time.sleep(0.001)


class Mixin(Base):
    def load(self):
        return super().load()


class Beside(Mixin, Slow):
    pass


class Alone(Mixin):
    pass


async def main():
    Alone().load()
    Mixin().load()
    Beside().load()  # BLOCKS: time.sleep
