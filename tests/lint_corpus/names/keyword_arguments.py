"""Names of blocking calls as names of arguments."""


def configure(*, sleep=None, open=None, input=None, connect=False):
    return sleep, open, input, connect


async def main():
    configure(sleep=1, open=True, input="a", connect=True)
    dict(sleep=1, open=2)["open"]
    open = configure(open=1)
    open[1]
