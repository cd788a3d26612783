"""A module of the project in a package, with the name of one of the standard library."""
