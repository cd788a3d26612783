"""Classes of the project with the names of clients, whose methods do not block."""


class Session:
    def __init__(self):
        self.requested = []

    def get(self, url):
        self.requested.append(url)
        return self

    def execute(self, statement):
        return [statement]

    def commit(self):
        self.requested.clear()

    def request(self, method, url):
        return self.get(url).json()

    def json(self):
        return dict(enumerate(self.requested))


class Redis(Session):
    def set(self, name, value):
        self.requested.append((name, value))


async def main():
    session = Session()
    session.get("/a").json()
    session.request("GET", "/b")
    session.execute("select 1")
    session.commit()
    redis = Redis()
    redis.set("a", 1)
    redis.get("a")
