"""Methods of the project with the names of blocking ones."""


class Cache:
    def __init__(self):
        self.rows = {}

    def get(self, name):
        return self.rows.get(name)

    def execute(self, name):
        return self.rows.copy()

    def connect(self):
        return self

    def sleep(self, seconds):
        return seconds

    def read(self):
        return ""


async def main():
    cache = Cache()
    cache.connect().execute("a")
    cache.get("a")
    cache.sleep(1)
    cache.read()
    {}.get("a")
    "".join(["a"])
