"""Frozen values: numbers, settings, targets, changes, queries. No input or output."""
