"""Talk to providers: the contract, its errors, the HTTP client and the built-in providers."""
