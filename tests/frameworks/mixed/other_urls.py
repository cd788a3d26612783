"""The URLs that the middleware selects for some requests: sync and async views are exchanged."""

from __future__ import annotations

from mixed import views
from mixed._names import framework

path = framework("urls").path

urlpatterns = [
    path("sync", views.async_view),
    path("async", views.sync_view),
    path("only-here", views.async_view),
    path("events", views.events),
]
