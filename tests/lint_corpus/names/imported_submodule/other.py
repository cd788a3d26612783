"""Imports what the main module uses."""

import shop.clock
