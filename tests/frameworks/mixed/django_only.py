"""An API of django-ninja, whose operations are sync and async, some on one path."""

from __future__ import annotations

from typing import Any

from ninja import NinjaAPI

from mixed.views import where

api = NinjaAPI()


@api.get("/sync")
def sync_operation(request: Any) -> dict[str, str]:
    """Answer."""
    return where(request)


@api.get("/async")
async def async_operation(request: Any, number: int = 0) -> dict[str, str]:
    """Answer."""
    return where(request)


@api.get("/both")
def sync_of_both(request: Any) -> dict[str, str]:
    """Answer."""
    return where(request)


@api.post("/both")
async def async_of_both(request: Any) -> dict[str, str]:
    """Answer."""
    return where(request)
