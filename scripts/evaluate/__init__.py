"""How good the numbers are: `python -m scripts.evaluate` measures what docs/intelligence.md says."""
