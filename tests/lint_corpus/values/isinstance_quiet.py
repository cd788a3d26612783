"""The branch for the class that does not block."""

import sqlite3


class Quiet:
    def execute(self, statement):
        return statement


def run(target: sqlite3.Connection | Quiet):
    if isinstance(target, sqlite3.Connection):
        return None
    return target.execute("select 1")


def checked(target: Quiet | None):
    if target is None:
        return None
    return target.execute("select 1")


async def main():
    run(Quiet())
    checked(Quiet())
    checked(None)
