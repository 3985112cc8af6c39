"""Routes for webhooks of providers, and for the endpoints that take them."""
