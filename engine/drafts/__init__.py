"""Drafts of messages in MongoDB, encrypted with the keys of their leads."""
