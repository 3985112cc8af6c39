"""Use cases of teams: assigning, claiming and routing leads."""
