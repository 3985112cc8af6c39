"""Use cases of access: API keys, and which leads a caller sees."""
