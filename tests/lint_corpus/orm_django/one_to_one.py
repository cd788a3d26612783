"""One-to-one relations, in both directions."""

from django.db import models


class Customer(models.Model):
    name = models.CharField(max_length=9)

    class Meta:
        app_label = "shop"


class Profile(models.Model):
    customer = models.OneToOneField(Customer, models.CASCADE)

    class Meta:
        app_label = "shop"


async def prepare():
    await Profile.objects.acreate(customer=await Customer.objects.acreate(name="a"))


async def main():
    customer = await Customer.objects.aget()
    customer.profile.id  # BLOCKS: orm:relation
    profile = await Profile.objects.aget()
    profile.customer.name  # BLOCKS: orm:relation
    full = await Profile.objects.select_related("customer").aget()
    full.customer.name
