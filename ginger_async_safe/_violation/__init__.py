"""The parts of ``violation``: places in code, owners of code, notebooks, and waiting tasks."""
