"""Use cases of an operator: showing dead letters, releasing leads, discarding events."""
