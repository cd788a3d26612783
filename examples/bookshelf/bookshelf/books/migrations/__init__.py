"""The migrations of the books."""
