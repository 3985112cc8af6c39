"""Rows become events: a mapping compiled for the columns of one file."""
