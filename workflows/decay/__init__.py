"""Decay: what changes by time alone, recorded as events and refreshed in lists when its moment comes."""
