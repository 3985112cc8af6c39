"""Pure rules about leads: no I/O, no clock, no randomness.

Time comes in as `as_of`, in milliseconds since 1970 UTC.
"""
