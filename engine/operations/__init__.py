"""Dead letters, leads in flight, the audit log."""
