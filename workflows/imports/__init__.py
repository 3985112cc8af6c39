"""Brings the rows of CSV files in as events, by a mapping that people write."""
