"""Values in the text of cells: numbers, times, yes or no, lists. Pure: no clock, no file."""
