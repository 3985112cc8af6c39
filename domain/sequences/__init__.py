"""Sequences: steps over days and channels that adapt to what a lead does, as data and as a pure decider."""
