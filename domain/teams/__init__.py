"""Teams: roles, working hours, and the fair routing of leads to sales reps."""
