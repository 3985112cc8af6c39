"""Analytics of outreach: the results of messages, kept as a projection of events, and counted."""
