"""Doors for frameworks: one line in a project's settings, and what the framework marks is guarded by this library."""
