"""The views of bookshelf."""

import threading

from gingerdj.http import HttpResponse, JsonResponse

from bookshelf.books.models import Book
from ginger_async_safe import SynchronousOnlyOperation


def book_list(request):
    """Return all books. A sync view may use the ORM freely: it runs in a thread dedicated to its request."""
    books = [{"title": book.title, "author": book.author.name} for book in Book.objects.select_related("author")]
    return JsonResponse({"books": books, "thread": threading.current_thread().name})


async def book_count(request):
    """Return the number of books. An async view runs on the event loop, and awaits its queries."""
    return JsonResponse({"count": await Book.objects.acount()})


def authors():
    """Return the authors, with one query for the books and another one for each book's author."""
    return [book.author.name for book in Book.objects.all()]


async def mistake(request):
    """Call the sync function on the event loop, and show the report."""
    try:
        return JsonResponse({"authors": authors()})
    except SynchronousOnlyOperation as error:
        return HttpResponse(str(error), content_type="text/plain; charset=utf-8")
