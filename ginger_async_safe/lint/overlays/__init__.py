"""Overlays: what calls of outside code do, such as builtins, event loops and threads."""
