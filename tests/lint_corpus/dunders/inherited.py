"""Special methods that a class inherits, and special methods that it overrides."""

import time


class Base:
    def __len__(self):
        time.sleep(0.001)
        return 1

    def __getitem__(self, key):
        time.sleep(0.001)
        return key


class Derived(Base):
    def __getitem__(self, key):
        return super().__len__() if key == "slow" else key


class Calm(Base):
    def __len__(self):
        return 1


async def main():
    len(Derived())  # BLOCKS: time.sleep
    Calm()["a"]  # BLOCKS: time.sleep
    len(Calm())
    Derived()["slow"]  # BLOCKS: time.sleep
