"""The URLs of requests for which the middleware says so: sync and async change places."""

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
