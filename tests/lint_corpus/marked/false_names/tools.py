"""Decorators of a project."""

import functools


def async_unsafe_ok(function):
    function.is_ok = True
    return function


def not_async_unsafe(function):
    @functools.wraps(function)
    def inner():
        return function()

    return inner
