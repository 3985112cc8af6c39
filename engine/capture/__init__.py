"""The append-only event store: group commit, encoding, tombstones."""
