"""Drafts of messages: pure composition from templates, until a model writes them."""
