"""Commands of keys, people and the audit log."""
