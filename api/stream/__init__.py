"""The live stream over HTTP: server-sent events that say which leads have changed."""
