"""The work of `lead-engine import`: import a file, inspect one, and show the report."""
