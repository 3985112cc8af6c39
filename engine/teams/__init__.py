"""Teams at work: claims of leads, and the routing of leads to reps."""
