"""Programs that block an event loop, and programs that do not: what guards for blocking calls are measured by."""
