"""Relative imports, up and down."""

from shop.views import view


async def main():
    await view()
