"""Routes of sequences and of the leads that are in them."""
