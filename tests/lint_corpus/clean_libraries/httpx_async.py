"""httpx's async client."""

import httpx


async def main():
    async with httpx.AsyncClient(verify=False) as client:
        try:
            await client.get("http://127.0.0.1:9/")
        except httpx.ConnectError:
            pass
    other = httpx.AsyncClient(verify=False)
    await other.aclose()
