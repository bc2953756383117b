"""Accounts in the dashboard: how each stands, adding, editing, and the first run."""
