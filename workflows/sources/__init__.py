"""Use cases of sources: their configuration, capture of what they send, and replay of what was rejected."""
