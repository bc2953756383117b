"""What stands around every view: title, status and verbs."""
