"""Outreach: pure decisions about messages to leads."""
