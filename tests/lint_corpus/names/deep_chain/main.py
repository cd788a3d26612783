"""A chain through modules."""

from a import first


async def main():
    return first()  # BLOCKS: subprocess.getoutput
