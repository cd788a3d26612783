"""The models."""

from django.db import models


class Customer(models.Model):
    name = models.CharField(max_length=9)

    class Meta:
        app_label = "shop"


class Order(models.Model):
    customer = models.ForeignKey("Customer", on_delete=models.CASCADE, related_name="orders")

    class Meta:
        app_label = "shop"
