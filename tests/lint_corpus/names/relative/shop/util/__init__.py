"""Utilities."""

from ..deep import read
