"""A simulated week of leads for a running engine."""
