"""A shop."""


class Order:
    def save(self):
        return 1

    def load(self):
        return 2

    def quiet(self):
        return 3
