"""Automations: what triggers them, what they do, and the firings that are to be executed."""
