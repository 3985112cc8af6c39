"""Routes of leads and their intelligence."""
