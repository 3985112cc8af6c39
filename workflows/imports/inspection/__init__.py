"""A look at a file that has no mapping yet: what its columns hold, and a mapping that works."""
