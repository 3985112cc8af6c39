"""Routes of identity: merges, their undoing, and possible duplicates."""
