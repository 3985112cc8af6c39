"""Decisions about a lead: its stage, contact state, assessment and next action."""
