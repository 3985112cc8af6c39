"""API keys: authentication and scopes. Only hashes are stored; a key is shown once."""
