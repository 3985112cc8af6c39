"""The report of a run: figures with their targets, the machine, and the table for terminals, documents and programs."""
