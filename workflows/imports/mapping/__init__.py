"""The mapping document: how a file is written, and which events its rows become. Reads no file but its own text."""
