"""Routes of automation executions and tasks."""
