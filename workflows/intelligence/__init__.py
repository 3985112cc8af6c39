"""Use cases that read leads: intelligence, timeline, score history, best leads."""
