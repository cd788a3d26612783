"""Values of unknown types are not reported."""

import json


class Any:
    def __getattr__(self, name):
        return lambda *_: None


async def use(target, other):
    target.execute("select 1")
    other["session"].get("http://127.0.0.1")
    json.loads("{}").get("a")


async def main():
    await use(Any(), {"session": Any()})
