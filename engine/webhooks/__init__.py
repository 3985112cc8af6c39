"""Messages to the endpoints of others, after Standard Webhooks 1.0.0."""
