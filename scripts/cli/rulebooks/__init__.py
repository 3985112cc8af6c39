"""Commands of rulebooks, the rule lab and prediction."""
