"""The parts of ``decorators``: the check in a function's own code, in a wrapper, or in a callable object."""
