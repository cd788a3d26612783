"""Classes of the project by the names of clients, whose methods are harmless."""


class Session:
    def __init__(self):
        self.asked = []

    def get(self, url):
        self.asked.append(url)
        return self

    def execute(self, statement):
        return [statement]

    def commit(self):
        self.asked.clear()

    def request(self, method, url):
        return self.get(url).json()

    def json(self):
        return dict(enumerate(self.asked))


class Redis(Session):
    def set(self, name, value):
        self.asked.append((name, value))


async def main():
    session = Session()
    session.get("/a").json()
    session.request("GET", "/b")
    session.execute("select 1")
    session.commit()
    redis = Redis()
    redis.set("a", 1)
    redis.get("a")
