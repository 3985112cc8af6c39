"""Rulebooks: the document, its loader and the models that it chooses from."""
