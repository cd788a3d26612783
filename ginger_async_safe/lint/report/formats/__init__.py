"""The formats of a check's result: text, JSON, SARIF and GitHub's workflow commands."""
