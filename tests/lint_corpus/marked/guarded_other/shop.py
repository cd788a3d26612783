"""A shop."""


class Base:
    def save(self):
        return 1

    def load(self):
        return 2


class Order(Base):
    def save(self):
        return 3


class Sibling(Base):
    pass
