"""Sources: senders in the formats of other systems, each with a write key and a mapping; and what could not be taken of them."""
