"""Best-effort pub/sub over Redis between the processes of one engine."""
