"""Accounts of leads."""
