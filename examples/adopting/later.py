"""A test that was added after the baseline was written, for code that was added with it."""

from shop import newest


async def test_newest():
    assert await newest() == "Fledgling"
