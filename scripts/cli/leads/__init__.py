"""Commands of leads: lists, the page of one, accounts, routing, personal data, dead letters."""
