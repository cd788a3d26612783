"""What the views of the books answer, and which of them the guard stops."""

from gingerdj.test import TestCase


class BookViews(TestCase):
    """Each view, asked through the project's ASGI handler."""

    async def test_sync_view(self):
        """A sync view runs in a thread, and queries there."""
        answer = await self.async_client.get("/")
        self.assertEqual(3, len(answer.json()["books"]))

    async def test_async_view(self):
        """An async view awaits its query."""
        self.assertEqual({"count": 3}, (await self.async_client.get("/count/")).json())

    async def test_mistake(self):
        """An async view that queries without awaiting is stopped, and told where."""
        answer = await self.async_client.get("/mistake/")
        self.assertContains(answer, "in authors")
        self.assertContains(answer, "mend      await sync_to_async(authors)(...)")
