"""The fold of a lead: its state, history rows, decay, stage forecast and intelligence."""
