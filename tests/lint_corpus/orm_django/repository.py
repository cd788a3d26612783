"""A repository class around a model: sync and async methods of the same names."""

import asyncio

from django.db import models


class Order(models.Model):
    name = models.CharField(max_length=9)

    class Meta:
        app_label = "shop"


class Repository:
    model = Order

    def all(self):
        return self.model.objects.all()

    def get(self, name):
        return self.all().filter(name=name).first()

    def count(self):
        return len(list(self.all()))


class AsyncRepository:
    def __init__(self, repository):
        self.repository = repository

    async def get(self, name):
        return await self.repository.all().filter(name=name).afirst()

    async def count(self):
        return await asyncio.to_thread(self.repository.count)


async def main():
    repository = Repository()
    wrapped = AsyncRepository(repository)
    await wrapped.get("a")
    await wrapped.count()
    repository.all().order_by("pk")
    repository.get("a")  # BLOCKS: orm:first
