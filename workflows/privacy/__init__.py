"""Use cases of personal data: erasure and export."""
