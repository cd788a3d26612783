"""Functions of the project with the names of blocking functions."""


def run(command):
    return command


def connect(host):
    return host


def get(url):
    return url


def wait():
    return None


class subprocess:
    run = staticmethod(run)


async def main():
    run(["ls"])
    connect("a")
    get("b")
    wait()
    subprocess.run(["ls"])
