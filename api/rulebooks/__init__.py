"""Routes of rulebooks."""
