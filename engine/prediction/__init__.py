"""Prediction: the stored models, and which of them is active."""
