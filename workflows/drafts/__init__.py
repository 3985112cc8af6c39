"""Use cases of drafts: asked for, edited, approved into messages, rejected."""
