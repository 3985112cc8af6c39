"""Risk models: days of silence, and the MBG/NBD probability of having gone cold."""
