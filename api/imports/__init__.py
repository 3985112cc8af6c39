"""Routes of imports: files, their progress and rejected rows, and mappings."""
