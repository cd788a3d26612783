"""Requests of customers, which are not HTTP requests."""


def get(name):
    return name
