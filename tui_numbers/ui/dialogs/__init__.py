"""Screens over the dashboard that ask one thing each."""
