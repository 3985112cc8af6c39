"""Commands of what brings events in: sources, hooks, forms, imports; and the tail of the log."""
