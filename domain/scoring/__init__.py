"""Score models: decayed points per rule, caps, repeat policies, fit, engagement and grade."""
