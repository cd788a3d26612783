"""What ``ginger-async-safe run`` has a program's processes do: they keep to the rules, and tell what they saw."""
