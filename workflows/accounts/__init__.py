"""Accounts: their projection from leads, and their combined intelligence."""
