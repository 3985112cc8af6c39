"""Stored leads: states, pages, history rows, per-lead locks."""
