"""Replies of leads that wait to be read."""
