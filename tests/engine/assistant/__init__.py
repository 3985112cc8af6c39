"""Tests of assistants."""
