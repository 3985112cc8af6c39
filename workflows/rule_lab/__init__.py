"""Use cases of the rule lab: preview a rulebook on history, publish what was previewed, roll back."""
