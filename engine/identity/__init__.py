"""Identity: the store of identifiers."""
