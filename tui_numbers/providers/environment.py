"""Read the environment of requests: proxies, certificate authorities, the TLS key log."""

import importlib.util
import ipaddress
import os
import ssl
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from tui_numbers.domain.text import clean
from tui_numbers.providers.errors import EnvironmentProblem
from tui_numbers.providers.origins import is_loopback

AUTHORITIES_FILE = "SSL_CERT_FILE"
AUTHORITIES_FOLDER = "SSL_CERT_DIR"
KEY_LOG = "SSLKEYLOGFILE"

_SYSTEM = "the proxy settings of this system"
_HTTP_SCHEMES = ("http", "https")
_SOCKS_SCHEMES = ("socks5", "socks5h")
_KINDS = "http://, https:// and socks5:// work"
_DEFAULT_PORTS = {"http": 80, "https": 443, "socks5": 1080, "socks5h": 1080}


@dataclass(frozen=True, slots=True)
class Proxy:
    """The proxy that requests to one host go through."""

    url: str = field(repr=False)
    """As it is written down; it may hold a password."""
    variable: str
    """What names it."""
    address: str
    """Its host and port, for people."""
    target: str
    """The host that it leads to."""

    def __str__(self) -> str:
        return f"the proxy {self.address} ({self.variable})"

    @property
    def hint(self) -> str:
        """Say what to do where it does not work."""
        return way_around(self.variable, self.target)


def way_around(variable: str, host: str) -> str:
    """Say how to go on without the proxy that a variable names."""
    return f"correct or unset {variable}, or leave {host} out of it with NO_PROXY={host}"


def proxy_for(base_url: str) -> Proxy | None:
    """Return the proxy for requests to an address; None where they leave directly.

    Raises:
        EnvironmentProblem: One is named that cannot be used.
    """
    parts = urlsplit(base_url)
    host = parts.hostname or ""
    if is_loopback(base_url):
        return None
    from urllib.request import getproxies

    proxies = getproxies()
    scheme = next((scheme for scheme in (parts.scheme, "all") if proxies.get(scheme)), None)
    port = parts.port or _DEFAULT_PORTS[parts.scheme]
    if scheme is None or is_exempt(host, port, proxies.get("no", "")):
        return None
    return _read_proxy(proxies[scheme].strip(), _variable(scheme, proxies[scheme]), host)


def _variable(scheme: str, value: str) -> str:
    """Return the name of the variable that holds a proxy; the lower-case one goes first."""
    name = f"{scheme}_proxy"
    known = sorted((one for one in os.environ if one.lower() == name), reverse=True)
    return next((one for one in known if os.environ[one] == value), _SYSTEM)


def _read_proxy(value: str, variable: str, target: str) -> Proxy:
    """Return a proxy as it is written down.

    Raises:
        EnvironmentProblem: It cannot be used.
    """
    url = value if "://" in value else f"http://{value}"
    try:
        parts = urlsplit(url)
        scheme, host = parts.scheme.lower(), clean(parts.hostname or "", 200)
        port = parts.port or _DEFAULT_PORTS.get(scheme)
    except ValueError:
        host = ""
    if not host or any(character.isspace() for character in url):
        raise unreadable(variable, target)
    address = f"{f'[{host}]' if ':' in host else host}{f':{port}' if port else ''}"
    if scheme in _SOCKS_SCHEMES:
        if importlib.util.find_spec("socksio") is None:
            raise EnvironmentProblem(
                f"{variable} names a SOCKS proxy ({address}), and what speaks SOCKS is not "
                "installed",
                hint="install it beside this program (pip install 'httpx[socks]'), name an "
                f"http:// proxy instead, or set NO_PROXY={target}",
            )
    elif scheme not in _HTTP_SCHEMES:
        meant = ": SOCKS 5 is written socks5://" if scheme.startswith("socks") else ""
        raise EnvironmentProblem(
            f"{variable} names a proxy of a kind that cannot be used "
            f"({clean(scheme, 20)}://{address}); {_KINDS}{meant}",
            hint=way_around(variable, target),
        )
    return Proxy(url, variable, address, target)


def unreadable(variable: str, target: str) -> EnvironmentProblem:
    """Return the problem of a proxy whose address cannot be read; it may hold a password."""
    return EnvironmentProblem(
        f"{variable} holds no address of a proxy, which looks like http://proxy.example:3128",
        hint=way_around(variable, target),
    )


def is_exempt(host: str, port: int, exceptions: str) -> bool:
    """Tell whether ``NO_PROXY`` leaves a host out; an entry that cannot be read leaves out none.

    An entry is a host name, which stands for all below it too, an address, a network, or ``*``;
    a port may stand behind it.
    """
    entries = (entry.strip().lower() for entry in exceptions.replace(",", " ").split())
    return any(_exempts(entry, host.lower(), port) for entry in entries)


def _exempts(entry: str, host: str, port: int) -> bool:
    scheme, mark, rest = entry.partition("://")
    if mark and scheme not in ("all", "https"):
        return False
    name = rest if mark else entry
    network = _network(name)
    if network is None:
        bare, colon, after = name.rpartition(":")
        if colon and after.isdecimal():
            if int(after) != port:
                return False
            name = bare
            network = _network(name)
    if network is not None:
        address = _network(host)
        return address is not None and address.network_address in network
    if name == "*":
        return True
    if name.startswith((".", "*.")):
        return host.endswith("." + name.lstrip("*."))
    return bool(name) and (host == name or (name != "localhost" and host.endswith("." + name)))


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    address, slash, prefix = text.partition("/")
    address = address.removeprefix("[").removesuffix("]")
    try:
        return ipaddress.ip_network(f"{address}{slash}{prefix}", strict=False)
    except ValueError:
        return None


def authorities_problem(environment: Mapping[str, str]) -> EnvironmentProblem | None:
    """Say what is wrong with the certificate authorities that the environment names, if anything.

    A file goes before a folder, which is not looked at beside one.
    """
    if named := environment.get(AUTHORITIES_FILE):
        variable, reason = AUTHORITIES_FILE, _file_trouble(named)
    elif named := environment.get(AUTHORITIES_FOLDER):
        variable, reason = AUTHORITIES_FOLDER, _folder_trouble(named)
    else:
        return None
    if reason is None:
        return None
    return EnvironmentProblem(
        f"the certificate authorities cannot be read ({clean(named, 200)}): {reason}",
        hint=f"correct or unset {variable} in the environment",
    )


def _file_trouble(path: str) -> str | None:
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cafile=path)
    except ssl.SSLError:
        return "it holds no certificate in PEM"
    except (OSError, ValueError) as error:
        return _words(error)
    return None


def _folder_trouble(path: str) -> str | None:
    # The TLS library takes any name for a folder, and finds no authority in it later.
    try:
        next(Path(path).iterdir(), None)
    except (OSError, ValueError) as error:
        return _words(error)
    return None


def key_log_problem(environment: Mapping[str, str]) -> EnvironmentProblem | None:
    """Say why TLS keys cannot be written where the environment wants them, if they cannot."""
    named = environment.get(KEY_LOG)
    if not named or sys.flags.ignore_environment:
        return None
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).keylog_filename = named
    except (OSError, ValueError) as error:
        return EnvironmentProblem(
            f"{KEY_LOG} names a file that cannot be written ({clean(named, 200)}): {_words(error)}",
            hint=f"unset {KEY_LOG}, or name a file that can be written",
        )
    return None


def _words(error: OSError | ValueError) -> str:
    return getattr(error, "strerror", None) or "it is no name of a file"
