"""API keys: who may call the engine, and for what. Only hashes are stored; a key is shown once."""
