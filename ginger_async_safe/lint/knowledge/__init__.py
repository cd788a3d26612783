"""What is known about code that is not read: the rule table, sinks and return types."""
