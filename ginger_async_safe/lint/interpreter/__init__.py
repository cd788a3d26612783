"""The interpreter: it evaluates functions for the values that they are called with."""
