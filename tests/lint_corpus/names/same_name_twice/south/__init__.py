"""South."""
