"""The Dramatiq work queue on Redis: enqueueing, a blocking consumer, the leads that are already queued."""
