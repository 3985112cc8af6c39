"""Settings of capture: how events are stored, hooks, identities, imports."""
