"""The views of each path."""

from __future__ import annotations

from typing import Any

from mixed import views
from mixed._names import framework
from mixed.settings import HAS_AUTH

urls = framework("urls")
path, re_path, include = urls.path, urls.re_path, urls.include
i18n_patterns = framework("conf.urls.i18n").i18n_patterns
_ = framework("utils.translation").gettext_lazy


class Querying(framework("urls.converters").StringConverter):  # type: ignore[misc]
    """A converter that queries, as those of some projects do."""

    def to_python(self, value: str) -> str:
        with framework("db").connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        return value


class Choosy(framework("urls.converters").StringConverter):  # type: ignore[misc]
    """A converter that refuses some values that match its regular expression."""

    def to_python(self, value: str) -> str:
        if value == "async":
            raise ValueError(value)
        return value


class Hidden(framework("urls.resolvers").URLResolver):  # type: ignore[misc]
    """A resolver of a class that only the project knows."""

    @property
    def url_patterns(self) -> Any:
        return [path("sync", views.sync_view), path("async", views.async_view)]


urls.register_converter(Querying, "querying")
urls.register_converter(Choosy, "choosy")

below = [
    path("sync", views.sync_view),
    path("async", views.async_view),
    path("<int:number>/async", views.async_view),
    re_path(r"^(?P<name>wo[a-z]+)/sync$", views.sync_view),
]

urlpatterns = [
    path("empty/", include([path("nothing", views.sync_view)])),
    path("", include([path("sync", views.sync_view)])),
    path("async", views.async_view),
    path("header/<str:name>", views.sync_header),
    path("below/", include(below)),
    path("below/late", views.async_view),
    *i18n_patterns(path("", include(below))),
    path(_("Monday"), include([path("/sync", views.sync_view), path("/async", views.async_view)])),
    path("querying/<querying:word>", views.sync_view),
    path("choosy/<choosy:word>", views.sync_view),
    path("choosy/<word>", views.async_view),
    path("chosen/sync", views.chosen_sync),
    path("chosen/async", views.chosen_async),
    path("chosen/path/<int:number>", views.sync_view),
    path("class/sync", views.SyncClass.as_view()),
    path("class/async", views.AsyncClass.as_view()),
    path("exempt/sync", views.exempt_sync),
    path("exempt/async", views.exempt_async),
    path("protected", views.protected),
    path("decorated/sync", views.decorated_sync),
    path("decorated/async", views.decorated_async),
    path("partial/sync", views.partial_sync),
    path("partial/async", views.partial_async),
    path("marked", views.marked),
    path("rest", views.RestView.as_view()),
    path("upload/sync", views.upload_sync),
    path("upload/async", views.upload_async),
    path("body/sync", views.body_sync),
    path("body/async", views.body_async),
    path("stream/sync", views.stream_sync),
    path("stream/async", views.stream_async),
    path("events", views.events),
    path("file", views.file),
    path("stream/endless", views.endless),
    path("wait", views.wait),
    path("keeping/<int:number>", views.keeping),
    path("hold", views.hold),
    path("release", views.release),
    path("open", views.open_requests),
    path("async/query", views.query),
    path("session/sync", views.session_sync),
    path("session/async", views.session_async),
    path("message/sync", views.message_sync),
    path("message/async", views.message_async),
    path("error/sync", views.error_sync),
    path("error/async", views.error_async),
    path("missing/sync", views.missing_sync),
    path("missing/async", views.missing_async),
    path("slash/", views.sync_view),
    re_path("^path/sync/(?P<word>.*)$", views.path_sync),
    re_path("^path/async/(?P<word>.*)$", views.path_async),
    path("scope", views.scope),
    path("atomic", views.atomic),
    path("atomic/async", views.atomic_async),
    path("signals", views.sent_signals),
]

hidden = path("hidden/", include(below))
urlpatterns.append(Hidden(hidden.pattern, hidden.urlconf_name))

if HAS_AUTH:
    from mixed.django_only import api

    urlpatterns += [path("admin/", framework("contrib.admin").site.urls), path("api/", api.urls)]

handler404 = "mixed.views.not_found"
handler500 = "mixed.views.failed"
