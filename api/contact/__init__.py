"""Routes of calls and notes."""
