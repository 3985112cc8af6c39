"""Endpoints for webhooks of providers: their sealed secrets, and tokens that are taken once."""
