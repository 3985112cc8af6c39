"""A rulebook in the words of those who work by it."""
