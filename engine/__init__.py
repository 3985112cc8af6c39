"""Machinery: stores, broker, leases, settings, embedded services. Knows the domain, decides nothing about leads."""
