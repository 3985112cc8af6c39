"""Routes of messages to leads, replies, suppression lists and unsubscription."""
