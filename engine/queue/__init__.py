"""The Dramatiq work queue on Redis: enqueueing, blocking consumers, queued leads."""
