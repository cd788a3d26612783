"""Marks under other names."""

from ginger_async_safe import async_unsafe as blocking

from ginger_async_safe.decorators import async_unsafe

unsafe = async_unsafe
