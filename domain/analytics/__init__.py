"""Analytics of outreach: what became of each message, as a pure function of the events of its lead."""
