"""Requests of customers."""

from .session import Session


def get(name):
    return Session().get(name)
