"""Routes of drafts."""
