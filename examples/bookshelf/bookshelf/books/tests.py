"""The responses of the views, one of which the guard stops."""

from gingerdj.test import TestCase


class BookViews(TestCase):
    """Each view, requested through the project's ASGI handler."""

    async def test_sync_view(self):
        """A sync view runs in a thread, and queries there."""
        answer = await self.async_client.get("/")
        self.assertEqual(3, len(answer.json()["books"]))

    async def test_async_view(self):
        """An async view awaits its query."""
        self.assertEqual({"count": 3}, (await self.async_client.get("/count/")).json())

    async def test_mistake(self):
        """An async view that queries without awaiting is stopped, and the report names the function."""
        answer = await self.async_client.get("/mistake/")
        self.assertContains(answer, "in authors")
        self.assertContains(answer, "fix       await sync_to_async(authors)(...)")
