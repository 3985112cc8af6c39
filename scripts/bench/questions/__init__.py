"""One file per question; each measures, verifies that the result was correct, and returns rows for the table."""
