"""Integrations for frameworks, enabled in a project's settings: this library guards the calls that they mark."""
