"""Routes of an operator: dead letters, audit log, health."""
