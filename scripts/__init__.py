"""Entry points on the command line. Thin."""
