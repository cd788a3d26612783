"""How the database of the books came to be."""
