"""What `lead-engine import` does: import a file, inspect one, and show what became of it."""
