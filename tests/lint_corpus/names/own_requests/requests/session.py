"""What a customer has asked for."""


class Session:
    def get(self, name):
        return [name]
