"""The provider contract, its errors, the HTTP client and the built-in providers."""
