"""North."""
