"""Imports the submodule that the main module uses."""

import shop.clock
