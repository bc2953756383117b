"""The terminal: a driver that sends only changed cells, and the parser of its input."""
