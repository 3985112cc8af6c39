"""Sealing what says who a person is, with a key for each lead."""
