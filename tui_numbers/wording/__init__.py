"""The words that the dashboard and the command line share: one word for a thing on both."""
