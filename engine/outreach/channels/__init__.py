"""Channels: adapters that give a message to a mail server or a provider."""
