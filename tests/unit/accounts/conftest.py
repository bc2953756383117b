from tests.support.keyrings import desktop, keyring, memory

__all__ = ["desktop", "keyring", "memory"]
