"""Baselines: MongoDB and its driver alone, and the design that most teams would write first."""
