"""The output of commands: pages, ages, sparklines, progress."""
