"""Routes of forms: submissions, the hosted page, and the configuration."""
