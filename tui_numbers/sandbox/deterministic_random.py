"""Deterministic randomness from a hash, the same on every machine."""

from hashlib import blake2b


def digest(*parts: object) -> bytes:
    """Return 16 bytes that depend on nothing but ``parts``."""
    return blake2b(":".join(map(str, parts)).encode(), digest_size=16).digest()


def token(*parts: object) -> str:
    """Return 32 hexadecimal digits that depend on nothing but ``parts``."""
    return digest(*parts).hex()


def identity(*parts: object) -> str:
    """Return a version-4 UUID that depends on nothing but ``parts``."""
    text = token(*parts)
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-8{text[17:20]}-{text[20:]}"


def share(*parts: object) -> float:
    """Return a number from 0 up to 1 that depends on nothing but ``parts``."""
    return int.from_bytes(digest(*parts)[:6], "big") / 2**48
