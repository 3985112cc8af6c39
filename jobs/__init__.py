"""Entry points that run in the background: Dramatiq actors, the dispatcher, the scheduler. Thin."""
