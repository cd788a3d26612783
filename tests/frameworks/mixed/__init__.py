"""A project with sync and async views of every kind; FRAMEWORK in the environment chooses its framework."""
