"""The parts of ``policy``: grants, the escape hatch, repeated reports, notification, and ``explain()``."""
