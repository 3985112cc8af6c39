"""The rule lab: what differs between two rulebooks, and what a change would have done to leads."""
