"""A module of the project that is named like one of the library, in a package."""
