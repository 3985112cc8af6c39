"""Prediction: the probability that a lead reaches a goal within a horizon, learnt from how others have ended."""
