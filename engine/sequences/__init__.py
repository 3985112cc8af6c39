"""Stores of sequences: those that ship, those that were published, and the enrolments of leads."""
