"""A chain of calls through several modules."""

from a import first


async def main():
    return first()  # BLOCKS: subprocess.getoutput
