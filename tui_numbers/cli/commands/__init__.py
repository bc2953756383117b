"""One file per command: its declaration and its work."""
