"""What the text of a cell says: numbers, times, yes or no, lists. Pure: no clock, no file."""
