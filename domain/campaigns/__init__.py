"""Campaigns: one message, or one sequence, for every lead of an audience."""
