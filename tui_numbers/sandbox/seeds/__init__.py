"""Seed the world's accounts before the first request."""
