"""A later star import hides the names of an earlier one."""

from slow import *
from quick import *


async def main():
    wait()
    other()  # BLOCKS: time.sleep
