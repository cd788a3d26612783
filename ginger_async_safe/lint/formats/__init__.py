"""What a check tells: as text for people, and for machines as JSON, as SARIF and as GitHub's commands."""
