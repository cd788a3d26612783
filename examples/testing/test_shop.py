"""One test for each fixture and for the marker."""

import pytest
from shop import broken_page, page, titles


def test_titles_are_guarded(assert_async_unsafe):
    assert assert_async_unsafe(titles) == ["Kindred"]


async def test_page(assert_async_safe):
    async with assert_async_safe:
        assert await page() == "Kindred"


async def test_broken_page(async_safety):
    with async_safety.expected() as violations:
        assert await broken_page() == "try again later"
    assert [each.call for each in violations] == ["shop.titles"]
    assert violations[0].fix == "await sync_to_async(titles)(...)"


@pytest.mark.allow_async_unsafe(calls="shop.titles", reason="the page is rewritten in spring")
async def test_broken_page_meanwhile():
    assert await broken_page() == "Kindred"


async def test_half_of_it(async_safety):
    with async_safety.allow("shop.titles", reason="only here"):
        assert await broken_page() == "Kindred"
    assert async_safety.violations == ()


async def test_all_of_it(async_unsafe_allowed):
    assert await broken_page() == "Kindred"
    assert async_unsafe_allowed.matched == 1
