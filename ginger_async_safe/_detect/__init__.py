"""The parts of ``detect``: stack walking, calls made by finalizers, and the event loop libraries."""
