"""Timing, which waits for nothing."""

from .clock import sleep
