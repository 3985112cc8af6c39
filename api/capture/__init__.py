"""Ingest routes."""
