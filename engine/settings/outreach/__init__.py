"""Settings of outreach: channels, mailbox, language model, webhooks."""
