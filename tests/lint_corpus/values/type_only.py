"""Blocking classes that are only named in annotations and tests."""

from __future__ import annotations

import sqlite3
import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from requests import Session


class Shop:
    connection: sqlite3.Connection | None = None

    def held(self) -> Session | None:
        return None


async def main(shop: Shop | None = None):
    shop = shop or Shop()
    isinstance(shop, subprocess.Popen)
    shop.held()
    sqlite3.Row
    sqlite3.Connection.execute
    return shop.connection is None
