"""Views of every kind; most return where they ran."""

# ruff: noqa: D101, D103 - the name of a view says it all

from __future__ import annotations

import asyncio
import functools
import sys
import threading
from importlib import import_module
from typing import TYPE_CHECKING, Any

from asgiref.sync import markcoroutinefunction, sync_to_async

from mixed._names import FRAMEWORK, framework
from mixed.signals import sent

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

http = framework("http")
csrf_exempt: Any = framework("views.decorators.csrf").csrf_exempt
csrf_protect: Any = framework("views.decorators.csrf").csrf_protect
View: Any = framework("views.generic").View
require_http_methods = framework("views.decorators.http").require_http_methods
never_cache = framework("views.decorators.cache").never_cache
JsonResponse, StreamingHttpResponse = http.JsonResponse, http.StreamingHttpResponse

open_now = {"streams": 0, "waiting": 0, "held": 0}


def where(request: Any) -> dict[str, str]:
    """Return in which thread this runs, and which handler serves the request."""
    is_main = threading.current_thread() is threading.main_thread()
    return {"on": "loop" if is_main else "thread", "by": "wsgi" if "wsgi.input" in request.META else "asgi"}


def sync_view(request: Any, **words: Any) -> Any:
    return JsonResponse(where(request))


async def async_view(request: Any, **words: Any) -> Any:
    return JsonResponse(where(request))


chosen_sync = functools.wraps(sync_view)(lambda request: JsonResponse(where(request)))
chosen_sync.__qualname__ = "chosen_sync"


async def chosen_async(request: Any) -> Any:
    return JsonResponse(where(request))


def sync_header(request: Any, name: str) -> Any:
    return JsonResponse(where(request), headers={name.replace("_", " "): "close"})


class SyncClass(View):  # type: ignore[misc]
    def get(self, request: Any) -> Any:
        return JsonResponse(where(request))


class AsyncClass(View):  # type: ignore[misc]
    async def get(self, request: Any) -> Any:
        return JsonResponse(where(request))


exempt_sync = csrf_exempt(sync_view)
exempt_async = csrf_exempt(async_view)
protected = csrf_protect(async_view)
decorated_sync = never_cache(require_http_methods(["GET", "HEAD"])(sync_view))
decorated_async = never_cache(require_http_methods(["GET", "HEAD"])(async_view))
partial_sync = functools.partial(sync_view, word="x")
partial_async = functools.partial(async_view, word="x")


@markcoroutinefunction
def marked(request: Any) -> Any:
    return async_view(request)


if FRAMEWORK == "django":
    Response = import_module("rest_framework.response").Response
    APIView: Any = import_module("rest_framework.views").APIView

    class RestView(APIView):  # type: ignore[misc]
        def get(self, request: Any) -> Any:
            return Response(where(request))

        post = get

else:  # REST framework is Django's; GingerDJ has views that are made in the same way

    class RestView(View):  # type: ignore[misc,no-redef]
        @classmethod
        def as_view(cls, **options: Any) -> Any:
            return csrf_exempt(super().as_view(**options))

        def get(self, request: Any) -> Any:
            return JsonResponse(where(request))

        post = get


def _uploaded(request: Any) -> dict[str, Any]:
    return {"word": request.POST["word"], "size": len(request.FILES["file"].read()), **where(request)}


@csrf_exempt  # type: ignore[untyped-decorator]
def upload_sync(request: Any) -> Any:
    return JsonResponse(_uploaded(request))


@csrf_exempt  # type: ignore[untyped-decorator]
async def upload_async(request: Any) -> Any:
    return JsonResponse(_uploaded(request))


@csrf_exempt  # type: ignore[untyped-decorator]
def body_sync(request: Any) -> Any:
    return JsonResponse({"body": request.body.decode(), **where(request)})


@csrf_exempt  # type: ignore[untyped-decorator]
async def body_async(request: Any) -> Any:
    return JsonResponse({"body": request.body.decode(), **where(request)})


def stream_sync(request: Any) -> Any:
    def parts() -> Iterator[str]:
        for number in range(3):
            yield f"{number} "
        yield where(request)["on"]

    return StreamingHttpResponse(parts())


async def stream_async(request: Any) -> Any:
    async def parts() -> AsyncIterator[str]:
        for number in range(3):
            yield f"{number} "
            await asyncio.sleep(0)
        yield where(request)["on"]

    return StreamingHttpResponse(parts())


async def _events(request: Any) -> AsyncIterator[str]:
    open_now["streams"] += 1
    try:
        yield "data: {by} {on}\n\n".format(**where(request))
        await asyncio.Event().wait()
    finally:
        open_now["streams"] -= 1


def events(request: Any) -> Any:
    """Return, from a sync view, a stream that only the client ends."""
    return StreamingHttpResponse(_events(request), content_type="text/event-stream")


async def endless(request: Any) -> Any:
    """Return a stream that only the client ends."""
    return StreamingHttpResponse(_events(request), content_type="text/event-stream")


def file(request: Any) -> Any:
    return http.FileResponse(open(__file__, "rb"))  # noqa: PTH123 - the response closes it


released = asyncio.Event()


async def wait(request: Any) -> Any:
    open_now["waiting"] += 1
    await released.wait()
    return JsonResponse(where(request))


free = threading.Event()


def hold(request: Any) -> Any:
    open_now["held"] += 1
    free.wait()
    return JsonResponse(where(request))


async def release(request: Any) -> Any:
    free.set()
    released.set()
    return JsonResponse(where(request))


async def open_requests(request: Any) -> Any:
    """Return how many requests wait, and how many streams are open."""
    return JsonResponse(open_now)


own = threading.local()


async def keeping(request: Any, number: int) -> Any:
    """Store something in the thread in one sync call, and read it in a later one."""
    await sync_to_async(lambda: setattr(own, "number", number))()
    await asyncio.sleep(0.05)  # longer than the pause after which a request may lose its thread
    return JsonResponse({"number": await sync_to_async(lambda: vars(own).get("number"))()})


async def query(request: Any) -> Any:
    def rows() -> Any:
        with framework("db").connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        return len(framework("db").connection.queries)

    return JsonResponse({"queries": await sync_to_async(rows)()})


def session_sync(request: Any) -> Any:
    request.session["visits"] = request.session.get("visits", 0) + 1
    return JsonResponse({"visits": request.session["visits"], **where(request)})


async def session_async(request: Any) -> Any:
    await request.session.aset("visits", await request.session.aget("visits", 0) + 1)
    return JsonResponse({"visits": await request.session.aget("visits"), **where(request)})


messages = framework("contrib.messages")


def message_sync(request: Any) -> Any:
    messages.info(request, "from a sync view")
    return JsonResponse(where(request))


async def message_async(request: Any) -> Any:
    return JsonResponse({"messages": [str(each) for each in messages.get_messages(request)], **where(request)})


def error_sync(request: Any) -> Any:
    raise LookupError("a sync view failed")


async def error_async(request: Any) -> Any:
    raise LookupError("an async view failed")


def missing_sync(request: Any) -> Any:
    raise http.Http404("a sync view found nothing")


async def missing_async(request: Any) -> Any:
    raise http.Http404("an async view found nothing")


def not_found(request: Any, exception: Exception) -> Any:
    return JsonResponse({"handler": 404, **where(request)}, status=404)


def failed(request: Any) -> Any:
    return JsonResponse({"handler": 500, "error": str(sys.exc_info()[1]), **where(request)}, status=500)


def _paths(request: Any, word: str) -> dict[str, str]:
    return {
        "path": request.path,
        "path_info": request.path_info,
        "uri": request.build_absolute_uri(),
        "reversed": framework("urls").reverse(scope),
        "word": word,
        "query": request.GET.get("q", ""),
        **where(request),
    }


def path_sync(request: Any, word: str) -> Any:
    return JsonResponse(_paths(request, word))


async def path_async(request: Any, word: str) -> Any:
    return JsonResponse(_paths(request, word))


def scope(request: Any) -> Any:
    return JsonResponse({"type": request.META["asgi.scope"]["type"], "has it": hasattr(request, "scope")})


def atomic(request: Any) -> Any:
    return JsonResponse({"atomic": framework("db").connection.in_atomic_block})


@framework("db").transaction.non_atomic_requests  # type: ignore[untyped-decorator]
async def atomic_async(request: Any) -> Any:
    return JsonResponse({"atomic": False, **where(request)})


async def sent_signals(request: Any) -> Any:
    return JsonResponse(sent)
