"""Real servers, real processes, load, planted faults, and the checker: what the fault tests are made of."""
