"""A store of a million leads, filled through the product's own ingest, and its figures beside those at 10,000."""
