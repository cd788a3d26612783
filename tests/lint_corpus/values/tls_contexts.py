"""Contexts of TLS, with the system's certificates and without."""

import ssl


async def main():
    ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    ssl.create_default_context(purpose=ssl.Purpose.CLIENT_AUTH)
    ssl.create_default_context()  # BLOCKS: ssl.SSLContext.load_default_certs
    ssl.create_default_context(ssl.Purpose.SERVER_AUTH)  # BLOCKS: ssl.SSLContext.load_default_certs
