"""Authentication, scopes, throttling and the routes of API keys."""
