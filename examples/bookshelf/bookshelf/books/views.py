"""The views of bookshelf."""

import threading

from gingerdj.http import HttpResponse, JsonResponse

from bookshelf.books.models import Book
from ginger_async_safe import SynchronousOnlyOperation


def book_list(request):
    """All books. A sync view may query as it likes: it runs in a thread that its request has to itself."""
    books = [{"title": book.title, "author": book.author.name} for book in Book.objects.select_related("author")]
    return JsonResponse({"books": books, "thread": threading.current_thread().name})


async def book_count(request):
    """How many books there are. An async view runs on the event loop, and awaits its queries."""
    return JsonResponse({"count": await Book.objects.acount()})


def authors():
    """A helper that queries: one query for the books, and one more for each book's author."""
    return [book.author.name for book in Book.objects.all()]


async def mistake(request):
    """An async view that calls the helper, and shows the report."""
    try:
        return JsonResponse({"authors": authors()})
    except SynchronousOnlyOperation as error:
        return HttpResponse(str(error), content_type="text/plain; charset=utf-8")
