"""Tests of drafts over HTTP."""
