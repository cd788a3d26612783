"""Settings with computed attributes, and with operators of the project's own."""


class Settings:
    def __init__(self, values):
        self.values = values

    def __getattr__(self, name):
        try:
            return self.values[name]
        except KeyError:
            raise AttributeError(name) from None

    def __getitem__(self, name):
        return self.values[name]

    def __contains__(self, name):
        return name in self.values

    def __len__(self):
        return len(self.values)

    def __or__(self, other):
        return Settings(self.values | other.values)


async def main():
    settings = Settings({"a": 1}) | Settings({"read": dict})
    if settings and "a" in settings:
        print(settings.a, settings["a"], len(settings))
    return settings.read()
