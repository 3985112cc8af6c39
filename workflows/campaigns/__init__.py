"""Use cases of campaigns: draft one, estimate its audience, run it, pause it, finish it."""
