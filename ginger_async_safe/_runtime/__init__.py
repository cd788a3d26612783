"""Shared foundations of the core: frames, greenlets, the heap, loaded modules, the interpreter, and internal failures."""
