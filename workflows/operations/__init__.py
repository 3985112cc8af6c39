"""Use cases of an operator: dead letters, releasing leads, discarding events."""
