"""Functions of test tools that make the call under test: that call is always checked, whatever calls the tool."""

from __future__ import annotations

__all__ = ["makers"]

makers: set[tuple[str, str]] = set()
"""Module and name of each function; a test tool adds its own."""
