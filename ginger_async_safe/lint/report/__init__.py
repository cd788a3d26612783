"""The result of a check: suppressions, rule names, the verdict, explanations, exports and formats."""
