"""Analytics of outreach over HTTP."""
