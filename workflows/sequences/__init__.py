"""Use cases of sequences: publish one, enrol a lead, take its next step, stop."""
