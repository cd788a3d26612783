"""A library that is not there, and what the project has in its place."""

try:
    from surely_not_installed_library import sleep
except ImportError:

    def sleep(seconds):
        return seconds


async def main():
    sleep(1)
