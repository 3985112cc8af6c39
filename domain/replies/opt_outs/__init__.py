"""Sentences that are opt-outs, per language."""
