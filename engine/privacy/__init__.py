"""Field-level encryption of personal data, with one key per lead, and the registry for exports and erasures."""
