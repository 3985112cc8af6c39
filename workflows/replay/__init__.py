"""Replay: every lead folded again from its events, to verify the stored states or to rebuild them."""
