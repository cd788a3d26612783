"""Models with every kind of relation."""

# ruff: noqa: D101 - the names say it
# mypy: disable-error-code="misc"

import os
from importlib import import_module
from typing import Any

models: Any = import_module(f"{os.environ['FRAMEWORK']}.db.models")


class Author(models.Model):
    name = models.CharField(max_length=100)


class Profile(models.Model):
    author = models.OneToOneField(Author, on_delete=models.CASCADE, related_name="profile")
    text = models.CharField(max_length=100)


class Tag(models.Model):
    name = models.CharField(max_length=100)


class Book(models.Model):
    title = models.CharField(max_length=100)
    author = models.ForeignKey(Author, on_delete=models.CASCADE, related_name="books")
    tags = models.ManyToManyField(Tag, related_name="books")
