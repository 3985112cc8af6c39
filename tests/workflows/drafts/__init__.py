"""Tests of the use cases of drafts."""
