"""Any file as a table: bytes, encoding, delimiter, header and rows, without losing or altering a cell."""
