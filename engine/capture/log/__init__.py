"""The log of events: the group commit that appends to it, and reading it by position."""
