"""Personal data: which properties of an event hold it."""
