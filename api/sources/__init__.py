"""Routes of sources: configuration and rejected items."""
