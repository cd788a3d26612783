"""A model that extends save() and delete()."""

from django.db import models


class Audit(models.Model):
    text = models.CharField(max_length=9)

    class Meta:
        app_label = "shop"


class Tracked(models.Model):
    class Meta:
        abstract = True

    def save(self, *args, **kwargs):
        super().save(*args, **kwargs)
        Audit.objects.create(text="saved")

    async def asave(self, *args, **kwargs):
        await models.Model.asave(self, *args, **kwargs)


class Order(Tracked):
    name = models.CharField(max_length=9)

    class Meta:
        app_label = "shop"

    def touch(self):
        self.name = "touched"
        self.save()


async def main():
    order = Order(name="a")
    order.save()  # BLOCKS: orm:save
    order.touch()  # BLOCKS: orm:save
    await order.asave()
