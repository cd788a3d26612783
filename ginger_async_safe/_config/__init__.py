"""Configuration: patterns over qualified names, and where each setting comes from."""
