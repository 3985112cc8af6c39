"""Routes of people: sessions, the signed-in person, accounts and invitations."""
