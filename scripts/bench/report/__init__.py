"""What a run reports: figures with their targets, the machine, and the table for terminals, documents and programs."""
