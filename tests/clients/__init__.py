"""Clients of other systems, as their makers publish them: run by tests, unchanged, against the engine."""
