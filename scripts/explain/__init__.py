"""Rulebooks in words, for those who work by them."""
