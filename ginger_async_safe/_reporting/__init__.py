"""What a whole run has found: gathered in each of its processes, added up, and written for people and machines."""
