"""Forms: their configuration."""
