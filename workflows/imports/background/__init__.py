"""Imports in the background: a file is accepted, and its rows become events as due work."""
