"""Tests of what replies mean, and the labelled lines that measure it."""
