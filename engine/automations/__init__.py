"""Automation executions, the tasks they make and their actions."""
