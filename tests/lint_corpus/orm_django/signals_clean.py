"""Receivers of signals that do not query, or only asynchronously."""

from django.db import models
from django.db.models.signals import post_save, pre_save
from django.dispatch import receiver


class Order(models.Model):
    name = models.CharField(max_length=9)

    class Meta:
        app_label = "shop"


SAVED = []


@receiver(pre_save, sender=Order)
def note(sender, instance, **kwargs):
    SAVED.append(instance.name)


@receiver(post_save, sender=Order)
async def count(sender, instance, **kwargs):
    SAVED.append(await Order.objects.acount())


async def main():
    order = Order(name="a")
    await order.asave()
    order.name = "b"
    await order.asave()
    return len(SAVED)
