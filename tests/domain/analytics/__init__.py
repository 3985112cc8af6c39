"""Analytics of outreach."""
