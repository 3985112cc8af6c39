"""The library of rulebooks and the active one."""
