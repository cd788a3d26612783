"""The parts of ``detect``: calls made by finalizers, frames of event loops, and the event loop libraries."""
