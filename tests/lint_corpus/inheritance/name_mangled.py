"""A private method of the base class is not that of the subclass."""

import time


class Base:
    def run(self):
        return self.__step()

    def __step(self):
        return 1


class Derived(Base):
    def __step(self):
        time.sleep(0.001)

    def other(self):
        self.__step()


async def main():
    Derived().run()
    Derived().other()  # BLOCKS: time.sleep
