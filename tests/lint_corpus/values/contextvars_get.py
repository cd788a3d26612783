"""``get``, ``run`` and ``result`` of objects that never block."""

import contextvars
import itertools
import re
import string
from collections import ChainMap, Counter

name = contextvars.ContextVar("name", default="a")


async def main():
    token = name.set("b")
    name.get()
    name.reset(token)
    contextvars.copy_context().run(len, "a")
    ChainMap({"a": 1}).get("a")
    Counter("aa").get("a")
    re.match("a", "a").group()
    string.Template("$a").substitute(a=1)
    list(itertools.chain.from_iterable([[1]]))
