"""Identity: resolution of identifiers to leads."""
