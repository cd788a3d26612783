"""Requests of customers, and no HTTP."""


def get(name):
    return name
