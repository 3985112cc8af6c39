"""Tests of drafts: templates and composition."""
