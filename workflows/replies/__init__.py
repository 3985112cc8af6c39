"""Use cases of replies: what comes in is classified, and who says no is suppressed."""
