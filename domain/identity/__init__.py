"""Identity: the identifiers of people, and which lead they stand for."""
