"""Use cases of due work: the kinds that there are, and the loops that work them."""
