"""Campaigns in the store: their definitions, the leads of each with their results, and the work that is due."""
