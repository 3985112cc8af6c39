"""Routes of owners, claims and routing."""
