"""The language that rulebooks, mappings and sequences are written in: sections, YAML with line numbers, matchers."""
