"""Use cases of people: invitations, accounts, signing in and out."""
