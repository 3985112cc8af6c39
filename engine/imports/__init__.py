"""Imports over HTTP: due work, and the encrypted files that belong to it."""
