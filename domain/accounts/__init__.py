"""Accounts: the companies of leads, and their combined intelligence. Pure."""
