"""A name that is imported from one place or another."""

try:
    from fast_time import sleep
except ImportError:
    from time import sleep


async def main():
    sleep(0.001)  # BLOCKS: time.sleep
