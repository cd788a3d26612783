"""Programs that block an event loop, and programs that do not: guards for blocking calls are measured by them."""
