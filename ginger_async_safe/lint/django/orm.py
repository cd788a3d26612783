"""The ORM as the interpreter uses it."""

from __future__ import annotations

from ginger_async_safe.lint.django import models, querysets
from ginger_async_safe.lint.django.managers import call_external
from ginger_async_safe.lint.interpreter.interpreter import ORM

__all__ = ["DJANGO_ORM"]

DJANGO_ORM = ORM(
    evaluate=querysets.evaluate,
    item=querysets.item,
    keep_results=querysets.keep_results,
    instance_of=querysets.instance_of,
    call_on_queryset=querysets.call_on_queryset,
    call_on_instance=querysets.call_on_instance,
    begin_transaction=querysets.begin_transaction,
    call_external=call_external,
    queryset_class_of=models.queryset_class_of,
    framework_of_model=models.framework_of_model,
    manager_of=models.manager_of,
    attribute_of_instance=models.attribute_of_instance,
)
