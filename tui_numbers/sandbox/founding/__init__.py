"""How the world's accounts are filled before the first request."""
