"""Use cases of automations: running their executions."""
