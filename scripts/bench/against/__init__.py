"""A comparison with another commit: both checkouts are measured in turn, through the command line of their benchmark."""
