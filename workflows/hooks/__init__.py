"""Use cases of webhooks that providers send: endpoints, and what is taken in."""
