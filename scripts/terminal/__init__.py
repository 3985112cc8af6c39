"""What commands print: pages, durations, sparklines, progress."""
