"""Decorators, GingerDJ's among them."""

from gingerdj.utils.asyncio import async_unsafe as real


def async_unsafe(function):
    return function


safe = async_unsafe
