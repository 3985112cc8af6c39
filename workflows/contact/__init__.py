"""Use cases of reps who are in contact with leads: calls and notes."""
