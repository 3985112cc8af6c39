"""MongoDB: connection, transactions, leases, checkpoints, batched look-ups."""
