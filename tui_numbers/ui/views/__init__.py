"""The three views of the dashboard: owned, available, history."""
