"""Commands of passes over all leads: replay and decay, here or on the workers."""
