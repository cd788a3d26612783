"""Timing functions that do not block."""

from .clock import sleep
