"""Shared foundations of the core: heap searches, loaded modules, the interpreter, and failures of this library."""
