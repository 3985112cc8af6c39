"""Real MongoDB and Valkey servers from their wheels, for trying out, developing and testing. Loopback only."""
