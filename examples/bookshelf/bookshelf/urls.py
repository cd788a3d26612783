"""The URL patterns of bookshelf."""

from gingerdj.urls import path

from bookshelf.books import views

urlpatterns = [
    path("", views.book_list),
    path("count/", views.book_count),
    path("mistake/", views.mistake),
]
