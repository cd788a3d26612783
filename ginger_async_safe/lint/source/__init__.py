"""Source files: finding and parsing them, their names, entry points and suppression comments."""
