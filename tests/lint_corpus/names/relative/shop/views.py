"""The views."""

from . import deep
from .util import read
from .util import read as again


async def view():
    read(__file__)  # BLOCKS: file.open, file.read
    deep.read(__file__)  # BLOCKS: file.open, file.read
    return again
