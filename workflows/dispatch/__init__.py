"""Dispatch: stored events become queue messages per lead, and what got lost on the way is made up for."""
