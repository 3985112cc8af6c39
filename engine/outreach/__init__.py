"""Outreach at work: messages as due work, channels, suppression lists and limits of sending."""
