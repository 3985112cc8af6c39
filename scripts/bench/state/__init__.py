"""Databases filled before anything is measured: a simulated week, and large ones cloned from it."""
