"""People who sign in: accounts, passwords, passkeys, sessions, invitations."""
