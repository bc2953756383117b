"""Proxies and certificates that the environment names: used as written, named when they fail."""

import asyncio
import contextlib
import os
import ssl
import struct
import sys
from dataclasses import dataclass, field

import pytest
import trustme

from tui_numbers.domain.accounts import Account, Secret
from tui_numbers.providers.contract import Pace
from tui_numbers.providers.environment import is_exempt, proxy_for
from tui_numbers.providers.errors import EnvironmentProblem, Unreachable
from tui_numbers.providers.http import Api, Http
from tui_numbers.providers.request import Basic

HOST = "provider.example"
BASE = f"https://{HOST}/v1"
DEAD = "127.0.0.1:9"
ANSWER = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}"
GRANTED = b"HTTP/1.1 200 Connection established\r\n\r\n"


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch):
    names = {"SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE"}
    for name in list(os.environ):
        if name in names or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)


@dataclass
class Middle:
    """A proxy on a real port: it answers as told, and may serve TLS behind its answer."""

    answer: bytes
    tls: ssl.SSLContext | None = None
    asked: list[bytes] = field(default_factory=list)
    address: str = ""

    async def attend(self, reader, writer):
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, ssl.SSLError):
            self.asked.append(await reader.readuntil(b"\r\n\r\n"))
            writer.write(self.answer)
            await writer.drain()
            if self.tls is not None:
                await writer.start_tls(self.tls)
                await reader.readuntil(b"\r\n\r\n")
                writer.write(ANSWER)
                await writer.drain()
        writer.close()

    @contextlib.asynccontextmanager
    async def serving(self, attend=None):
        server = await asyncio.start_server(attend or self.attend, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        self.address = f"127.0.0.1:{port}"
        async with server:
            yield self


async def ask():
    http = Http()
    api = Api(http, Account("uk", "vonage"), Secret("s3cret-value"), Pace())
    try:
        return await api.endpoint(BASE, Basic("user")).get("/things")
    finally:
        await http.aclose()


async def failure():
    with pytest.raises((EnvironmentProblem, Unreachable)) as caught:
        await ask()
    assert caught.value.account == "uk"
    return caught.value


def certified(host=HOST):
    """Return an authority and the context of a server that it certifies."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(host).configure_cert(context)
    return authority, context


@pytest.fixture
def trusted(tmp_path, monkeypatch):
    authority, context = certified()
    path = tmp_path / "authority.pem"
    path.write_bytes(authority.cert_pem.bytes())
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    return context


@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"])
async def test_a_request_goes_through_the_proxy_that_is_named(variable, trusted, monkeypatch):
    async with Middle(GRANTED, trusted).serving() as middle:
        monkeypatch.setenv(variable, f"http://{middle.address}")
        assert (await ask()).status == 200
    assert middle.asked[0].startswith(b"CONNECT provider.example:443")


@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"])
async def test_a_dead_proxy_is_named_and_not_the_providers_host(variable, monkeypatch):
    monkeypatch.setenv(variable, DEAD)
    error = await failure()
    assert error.message == (f"the proxy {DEAD} ({variable}) cannot be reached: connection refused")
    assert f"unset {variable}" in error.hint
    assert f"NO_PROXY={HOST}" in error.hint


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (b"HTTP/1.1 403 Forbidden\r\n\r\n", "refused the way to provider.example: 403 Forbidden"),
        (b"HTTP/1.1 405 Not here\r\n\r\n", "refused the way to provider.example: 405 Not here"),
        (b"HTTP/1.1 407 Log in\r\n\r\n", "wants a user name and a password of its own: 407"),
        (b"HTTP/1.1 502 Bad Gateway\r\n\r\n", "cannot reach provider.example: 502 Bad Gateway"),
        (b"HTTP/1.1 504 Too late\r\n\r\n", "cannot reach provider.example: 504 Too late"),
        (b"", "does not answer as a proxy does"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "does not answer as a proxy does"),
    ],
)
async def test_a_proxy_that_refuses_is_named(answer, words, monkeypatch):
    async with Middle(answer).serving() as middle:
        monkeypatch.setenv("HTTPS_PROXY", f"http://{middle.address}")
        error = await failure()
    assert isinstance(error, Unreachable)
    assert error.message.startswith(f"the proxy {middle.address} (HTTPS_PROXY) {words}")
    assert "try again in a minute" not in str(error)


async def test_a_proxy_that_shows_its_own_certificate_is_named(trusted, monkeypatch):
    _, other = certified()
    async with Middle(GRANTED, other).serving() as middle:
        monkeypatch.setenv("HTTPS_PROXY", f"http://{middle.address}")
        error = await failure()
    assert error.message.startswith(
        f"{HOST} cannot be reached through the proxy {middle.address} (HTTPS_PROXY): "
        "its TLS certificate is not trusted"
    )
    assert "SSL_CERT_FILE" in error.hint


@pytest.mark.parametrize("scheme", ["socks5", "socks5h"])
async def test_a_socks_proxy_is_used_where_the_package_for_it_is_installed(
    scheme, trusted, monkeypatch
):
    pytest.importorskip("socksio")
    middle = Middle(b"", trusted)

    async def attend(reader, writer):
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, ssl.SSLError):
            count = (await reader.readexactly(2))[1]
            await reader.readexactly(count)
            writer.write(b"\x05\x00")
            _, _, _, kind, size = await reader.readexactly(5)
            assert kind == 3
            host, port = struct.unpack(f"!{size}sH", await reader.readexactly(size + 2))
            middle.asked.append(b"%s:%d" % (host, port))
            writer.write(b"\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x00")
            await writer.start_tls(trusted)
            await reader.readuntil(b"\r\n\r\n")
            writer.write(ANSWER)
            await writer.drain()
        writer.close()

    async with middle.serving(attend):
        monkeypatch.setenv("ALL_PROXY", f"{scheme}://{middle.address}")
        assert (await ask()).status == 200
    assert middle.asked == [b"provider.example:443"]


@pytest.mark.parametrize("answer", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\x05\xff", b""])
async def test_a_socks_proxy_that_speaks_something_else_is_named(answer, monkeypatch):
    pytest.importorskip("socksio")

    async def attend(reader, writer):
        await reader.readexactly(3)
        writer.write(answer)
        writer.close()

    async with Middle(b"").serving(attend) as middle:
        monkeypatch.setenv("ALL_PROXY", f"socks5://{middle.address}")
        error = await failure()
    assert error.message.startswith(f"the proxy {middle.address} (ALL_PROXY) ")


@pytest.mark.parametrize("variable", ["ALL_PROXY", "HTTPS_PROXY", "all_proxy"])
async def test_socks_that_is_not_installed_names_the_variable_and_what_works(variable, monkeypatch):
    monkeypatch.setitem(sys.modules, "socksio", None)
    monkeypatch.setenv(variable, "socks5://127.0.0.1:1080")
    error = await failure()
    assert isinstance(error, EnvironmentProblem)
    assert error.message.startswith(f"{variable} names a SOCKS proxy (127.0.0.1:1080)")
    assert "httpx[socks]" in error.hint
    assert "http:// proxy" in error.hint
    assert f"NO_PROXY={HOST}" in error.hint


@pytest.mark.parametrize("url", ["socks://127.0.0.1:1080", "socks4://p:1080", "ftp://p.example"])
async def test_a_proxy_of_a_kind_that_cannot_be_used_names_the_kinds_that_can(url, monkeypatch):
    monkeypatch.setenv("ALL_PROXY", url)
    error = await failure()
    assert error.message.startswith("ALL_PROXY names a proxy of a kind that cannot be used")
    assert "socks5://" in error.message
    assert "unset ALL_PROXY" in error.hint


@pytest.mark.parametrize(
    "url", ["http://u:s3same@[::1", "http://u:s3same@p:99999", "http://", "http://u:s3same@p q"]
)
async def test_a_proxy_that_is_no_address_is_said_without_its_password(url, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", url)
    error = await failure()
    assert error.message.startswith("HTTPS_PROXY holds no address of a proxy")
    assert "s3same" not in str(error)


@pytest.mark.parametrize("url", ["https://127.0.0.1:1/x", "https://localhost/x", "https://[::1]/x"])
def test_this_machine_itself_needs_no_proxy(url, monkeypatch):
    monkeypatch.setenv("ALL_PROXY", "socks://127.0.0.1:1080")
    assert proxy_for(url) is None


def test_a_password_of_a_proxy_is_never_shown(monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://ann:s3same@proxy.example:3128")
    proxy = proxy_for(BASE)
    assert proxy is not None
    assert "s3same" not in f"{proxy} {proxy!r} {proxy.hint}"
    assert str(proxy) == "the proxy proxy.example:3128 (HTTPS_PROXY)"


@pytest.mark.parametrize(
    "exceptions", ["localhost,::1/128", "fe80::/10 , 10.0.0.0/8", "[::1]:8080"]
)
async def test_addresses_in_no_proxy_do_not_stop_requests(exceptions, trusted, monkeypatch):
    async with Middle(GRANTED, trusted).serving() as middle:
        monkeypatch.setenv("HTTPS_PROXY", f"http://{middle.address}")
        monkeypatch.setenv("NO_PROXY", exceptions)
        assert (await ask()).status == 200


@pytest.mark.parametrize(
    ("host", "exceptions"),
    [
        ("api.example", "*"),
        ("api.example", "api.example"),
        ("api.example", "other.test, API.Example"),
        ("api.example", "other.test api.example"),
        ("api.provider.example", "provider.example"),
        ("api.provider.example", ".provider.example"),
        ("api.provider.example", "*.provider.example"),
        ("api.example", "https://api.example"),
        ("api.example", "api.example:443"),
        ("10.1.2.3", "10.0.0.0/8"),
        ("10.1.2.3", "10.1.2.3:443"),
        ("2001:db8::7", "2001:db8::/32"),
        ("2001:db8::7", "[2001:db8::7]:443"),
        ("localhost", "localhost,::1/128"),
    ],
)
def test_no_proxy_leaves_a_host_out(host, exceptions):
    assert is_exempt(host, 443, exceptions)


@pytest.mark.parametrize(
    ("host", "exceptions"),
    [
        ("api.example", ""),
        ("api.example", "::1/128,localhost,not/an/address"),
        ("myapi.example", "api.example"),
        ("provider.example", ".provider.example"),
        ("api.example", "api.example:8443"),
        ("api.example", "http://api.example"),
        ("11.1.2.3", "10.0.0.0/8"),
        ("a.localhost", "localhost"),
    ],
)
def test_no_proxy_leaves_no_other_host_out(host, exceptions):
    assert not is_exempt(host, 443, exceptions)


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("SSLKEYLOGFILE", "/nowhere/keys.log", "names a file that cannot be written"),
        ("SSLKEYLOGFILE", "/", "names a file that cannot be written"),
        ("SSL_CERT_FILE", "/nowhere/authorities.pem", "No such file"),
        ("SSL_CERT_FILE", __file__, "no certificate in PEM"),
        ("SSL_CERT_DIR", "/nowhere/authorities", "No such file"),
        ("SSL_CERT_DIR", __file__, "Not a directory"),
    ],
)
async def test_a_file_of_the_environment_that_cannot_be_used_names_its_own_variable(
    variable, value, words, monkeypatch
):
    monkeypatch.setenv(variable, value)
    error = await failure()
    assert isinstance(error, EnvironmentProblem)
    assert words in error.message
    assert value in error.message
    others = {"SSLKEYLOGFILE", "SSL_CERT_FILE", "SSL_CERT_DIR"} - {variable}
    assert variable in str(error)
    assert not any(other in str(error) for other in others)


async def test_a_key_log_that_cannot_be_written_is_not_taken_for_the_authorities(
    trusted, monkeypatch
):
    monkeypatch.setenv("SSLKEYLOGFILE", "/nowhere/keys.log")
    error = await failure()
    assert error.message.startswith("SSLKEYLOGFILE")
    assert "SSL_CERT_FILE" not in str(error)
