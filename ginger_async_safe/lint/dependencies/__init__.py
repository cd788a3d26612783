"""Installed packages: what their functions do, read from their source and kept for each version."""
