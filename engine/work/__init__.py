"""Due work: stored units with a due time, a lease, attempts, back-off and a dead end, one implementation for all kinds."""
