"""Containers."""

clients = {}
by_name = {}
quiet = {}


class Registry:
    held = []
