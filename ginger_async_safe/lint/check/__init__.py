"""The check: engine, analysis of modules, cache and settings."""
