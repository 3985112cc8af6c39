"""The live stream: which leads have changed, per connected client, resumable without a gap."""
