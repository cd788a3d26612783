"""The supported event loop libraries, one file each; the files do not import one another.

Each file implements :class:`~ginger_async_safe._detect.loops.protocol.LoopLibrary` for one library.
"""
