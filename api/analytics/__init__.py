"""Routes of the analytics of outreach."""
