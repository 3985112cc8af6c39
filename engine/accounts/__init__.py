"""Stores of accounts: their listed documents, and the changes that are still to be projected."""
