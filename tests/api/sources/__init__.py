"""Tests of sources over HTTP."""
