"""A test that came later, of code that came later."""

from shop import newest


async def test_newest():
    assert await newest() == "Fledgling"
