"""Use cases of rulebooks: activation."""
