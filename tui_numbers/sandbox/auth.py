"""Who is asking: HTTP Basic, or credentials among the fields where an API has them there."""

import binascii
from base64 import b64decode
from collections.abc import Mapping
from hmac import compare_digest

from starlette.requests import Request


def basic_credentials(request: Request) -> tuple[str, str] | None:
    """Return the user name and password of the request, when it has readable ones."""
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        text = b64decode(encoded.strip(), validate=True).decode()
    except (binascii.Error, ValueError):
        return None
    user, colon, password = text.partition(":")
    return (user, password) if colon else None


def has_basic(request: Request, user: str, password: str) -> bool:
    """Say whether the request proves to be ``user`` by HTTP Basic."""
    return _same(basic_credentials(request), user, password)


def has_fields(fields: Mapping[str, str], user: str, password: str) -> bool:
    """Say whether a query or a form proves to be ``user``."""
    return _same((fields.get("api_key", ""), fields.get("api_secret", "")), user, password)


def _same(given: tuple[str, str] | None, user: str, password: str) -> bool:
    return given is not None and compare_digest(
        "\0".join(given).encode(errors="replace"), f"{user}\0{password}".encode()
    )
