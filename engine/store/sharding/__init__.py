"""Sharding: how collections are spread over the shards of a cluster, planned, set up, checked and moved."""
