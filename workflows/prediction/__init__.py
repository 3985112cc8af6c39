"""Prediction: landmarks from the log, training, the gate, and reading a probability."""
