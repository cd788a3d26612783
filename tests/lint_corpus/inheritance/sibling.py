"""Two subclasses of one base class: what blocks in one does not matter for the other."""

import time


class Base:
    def run(self):
        return self.step()

    def step(self):
        return 1


class Slow(Base):
    def step(self):
        time.sleep(0.001)


class Quick(Base):
    def other(self):
        return self.run()


class Derived(Quick):
    pass


async def main():
    Quick().run()
    Derived().other()
    Base().run()
    Slow()
