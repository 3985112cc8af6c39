"""One file a question; each measures, verifies that what it measured was right, and gives rows for the table."""
