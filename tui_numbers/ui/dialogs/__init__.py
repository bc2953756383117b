"""Modal dialogs: confirm, ask, pick, read."""
