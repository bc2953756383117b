"""Check the origins that credentials may be sent to."""

import ipaddress
from urllib.parse import urlsplit


class UnsafeBaseUrl(ValueError):
    """A base URL that a credential must not be sent to; the text says why."""


def is_loopback(url: str) -> bool:
    """Tell whether ``url`` names this machine itself."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def check_base_url(url: str) -> str:
    """Return ``url`` without its final slash if it is https, or http on loopback.

    Raises:
        UnsafeBaseUrl: It is neither, or holds a user name, a query or a fragment.
    """
    try:
        parts = urlsplit(url)
        port_is_readable = parts.port is None or parts.port > 0
    except ValueError:
        raise UnsafeBaseUrl("it is not a URL") from None
    if parts.scheme not in ("https", "http") or not parts.hostname or not port_is_readable:
        raise UnsafeBaseUrl("it must begin with https:// and name a host")
    if parts.username is not None or parts.password is not None:
        raise UnsafeBaseUrl("it must not hold a user name or a password")
    if parts.query or parts.fragment:
        raise UnsafeBaseUrl("it must not hold a query or a fragment")
    if parts.scheme == "http" and not is_loopback(url):
        raise UnsafeBaseUrl("http is allowed on loopback only; use https")
    return url.rstrip("/")


def same_origin(one: str, other: str) -> bool:
    """Tell whether two URLs share scheme, host and port, and hold no user name."""
    return _origin(one) == _origin(other) is not None


def _origin(url: str) -> tuple[str, str, int] | None:
    try:
        parts = urlsplit(url)
        port = parts.port or {"https": 443, "http": 80}.get(parts.scheme, 0)
    except ValueError:
        return None
    named = parts.username is not None or parts.password is not None
    return (parts.scheme, parts.hostname, port) if parts.hostname and not named else None
