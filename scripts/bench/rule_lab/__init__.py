"""Questions about the rule lab and predictions: previews, the switch to a challenger, probabilities."""
