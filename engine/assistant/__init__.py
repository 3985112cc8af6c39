"""Assistants: what writes drafts and reads replies, offline or by a language model."""
