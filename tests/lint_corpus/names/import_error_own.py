"""A library that is not installed, and the project's replacement for it."""

try:
    from surely_not_installed_library import sleep
except ImportError:

    def sleep(seconds):
        return seconds


async def main():
    sleep(1)
