"""Routes of prediction: the models, their figures, and which of them is active."""
