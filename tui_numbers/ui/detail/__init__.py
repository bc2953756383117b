"""Everything known about one number, and the form that edits it."""
