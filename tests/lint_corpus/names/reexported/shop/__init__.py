"""A package that hands out what is below."""

from .clock import pause
from . import clock
