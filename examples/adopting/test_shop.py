"""The tests of the old shop."""

from shop import page, total


async def test_page():
    assert await page() == "2 books"
    assert await page() == "2 books"


async def test_total():
    assert await total() == 0
