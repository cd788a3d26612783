"""Django's decorator with a message, on a method and a function, under another name."""

from django.utils import asyncio as marks


@marks.async_unsafe("Not here.")
def recount():
    return 1


class Order:
    @marks.async_unsafe
    def save(self):
        return 2

    def both(self):
        return recount(), self.save()


async def main():
    recount()  # BLOCKS: marked:django_message.recount
    Order().save()  # BLOCKS: marked:django_message.Order.save
    Order().both()  # BLOCKS: marked:django_message.recount, marked:django_message.Order.save
