"""Routes of personal data: export and erasure."""
