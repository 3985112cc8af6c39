"""Velocity models: events in a window, and decayed session counts with momentum and surge."""
