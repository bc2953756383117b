"""Check the origins that credentials may be sent to; address hosts that share a credential."""

import ipaddress
from urllib.parse import unquote, urlsplit


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


class Hosts:
    """The hosts of one provider that share a credential, ``NAME.twilio.com`` and its like.

    Where the configuration has a ``base_url``, it stands for all: NAME is ``<base_url>/NAME``.
    """

    def __init__(self, domain: str, base_url: str | None = None) -> None:
        self._domain = domain
        self._base = base_url.rstrip("/") if base_url else None

    def address(self, name: str) -> str:
        """Return the address of the host ``name``."""
        return f"{self._base}/{name}" if self._base else f"https://{name}.{self._domain}"

    def link(self, name: str, link: str) -> str:
        """Return the URL that ``link``, given by the host ``name``, stands for.

        It may be a path, or a URL with the provider's own host, which ``base_url`` stands for.
        Whether it may be followed is for ``Endpoint.follow`` to say.
        """
        own = f"https://{name}.{self._domain}/"
        address = self.address(name)
        if link.startswith(own):
            return f"{address}/{link.removeprefix(own)}"
        if not link.startswith("/") or link.startswith("//"):
            return link
        path = urlsplit(address).path
        if path and link.startswith(path + "/"):
            link = link.removeprefix(path)
        return address + link


def is_below(url: str, base: str) -> bool:
    """Tell whether ``url`` is on the origin of ``base``, and below its path."""
    if not same_origin(url, base):
        return False
    path, root = unquote(urlsplit(url).path), urlsplit(base).path.rstrip("/")
    return path.startswith(root + "/") and ".." not in path.split("/")


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
