"""Real clients of other systems against the real API."""
