"""What follows from the measures: stage, contact state, next action."""
