"""A package that re-exports names of its modules."""

from .clock import pause
from . import clock
