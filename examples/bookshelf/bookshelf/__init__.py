"""The project bookshelf."""
