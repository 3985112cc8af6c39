"""Which properties of an event are personal data."""
