"""Replies of leads: what the person wrote, and what it means."""
