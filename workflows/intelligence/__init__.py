"""Use cases that answer questions about leads."""
