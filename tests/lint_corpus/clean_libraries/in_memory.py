"""Calls that work in memory."""

import copy
import io
import json
import logging
import re

logger = logging.getLogger(__name__)


async def main():
    json.loads(json.dumps({"a": 1})).get("a")
    logger.info("text %s", 1)
    copy.copy([1])
    re.sub("a", "b", "c")
    print("text")
    io.StringIO("a").read()
    {}.setdefault("a", []).append(1)
    sorted([3, 1], key=lambda value: -value)
    "".join(["a"]).encode().decode()
