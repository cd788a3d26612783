"""Classes with a fast and a slow subclass, of which only the fast one is used."""

import time


class Base:
    def handle(self):
        return self.step()

    def step(self):
        return 1


class Quick(Base):
    def step(self):
        return super().step() + 1


class Slow(Base):
    def step(self):
        time.sleep(1)
        return super().step()


async def main():
    quick = Quick()
    quick.handle()
    print(isinstance(quick, Slow), issubclass(Slow, Base))
    return Slow()
