"""An instance with a blocking method, of which only another method is used."""

import shop
from shop import store as kept


async def main():
    kept.quiet()
    shop.store.rows
    shop.current().quiet()
    shop.current() is kept
