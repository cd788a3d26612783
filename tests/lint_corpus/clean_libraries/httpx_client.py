"""httpx's async client in a class of the project, with a transport of its own."""

import httpx


def answer(request):
    return httpx.Response(200, json={"path": request.url.path}, request=request)


class Api:
    def __init__(self):
        self.client = httpx.AsyncClient(transport=httpx.MockTransport(answer), base_url="http://here")

    async def get(self, path):
        response = await self.client.get(path)
        response.raise_for_status()
        return response.json()

    async def lines(self):
        async with self.client.stream("GET", "/lines") as response:
            return [line async for line in response.aiter_lines()]


async def main():
    api = Api()
    await api.get("/a")
    await api.lines()
    await api.client.post("/b", json={})
    await api.client.aclose()
    return httpx.URL("http://here").host, httpx.Request("GET", "http://here").method
