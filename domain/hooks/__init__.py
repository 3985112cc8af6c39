"""Webhooks of providers: checks of their signatures, and what their payloads say in our vocabulary."""
