"""The event loops this library can see: one file each, and none knows another.

A file of this room says how one library answers :class:`~ginger_async_safe._loops.protocol.LoopLibrary`.
"""
