"""Use cases of event capture: check, encrypt, append."""
