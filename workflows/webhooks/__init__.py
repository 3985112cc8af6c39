"""Use cases of webhooks: endpoints, delivery, redelivery."""
