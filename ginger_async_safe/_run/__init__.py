"""What happens in the processes of a program that ``ginger-async-safe run`` starts: guarding, recording, reporting."""
