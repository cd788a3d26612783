"""The report of a run: recorded in each of its processes, added up, and written as HTML, text or JSON."""
