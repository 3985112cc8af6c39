"""Use cases of outreach: planning, sending and withholding messages, replies, unsubscription."""
