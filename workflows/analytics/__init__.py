"""Analytics of outreach: the projection of message results from the log, and what is counted of them."""
