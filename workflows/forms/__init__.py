"""Use cases of forms: their configuration, and submissions."""
