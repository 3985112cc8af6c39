"""Tests of the classification of replies as they come in."""
