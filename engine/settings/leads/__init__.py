"""Settings of leads: rules, accounts, automations, prediction, privacy."""
