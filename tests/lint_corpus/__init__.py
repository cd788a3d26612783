"""Programs by which the check is measured."""
