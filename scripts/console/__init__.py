"""Building the console: what contributors and CI need, and users do not."""
