"""Logging, printing and formatting."""

import io
import json
import logging
import textwrap
import traceback
import warnings

logger = logging.getLogger(__name__)
logger.addHandler(logging.NullHandler())


async def main():
    print("hello")
    logger.info("hello %s", "a")
    logger.warning("hello")
    logging.getLogger("other").debug("hello")
    json.loads(json.dumps({"a": [1, None]}))
    json.dump({"a": 1}, io.StringIO())
    print(textwrap.dedent("  a"), file=io.StringIO())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
    try:
        raise ValueError("no")
    except ValueError as error:
        return traceback.format_exception_only(error)
