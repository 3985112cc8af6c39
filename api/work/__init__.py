"""Routes of due work."""
