"""Adapt httpx, which nothing else imports: clients, TLS, bounded bodies, errors in our terms."""

import errno
import functools
import logging
import os
import ssl
import zlib
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterator, Mapping
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import TYPE_CHECKING, Any

import anyio
import httpx

from tui_numbers import __version__
from tui_numbers.domain.text import clean
from tui_numbers.providers import environment, request
from tui_numbers.providers.errors import (
    BadReply,
    EnvironmentProblem,
    NoAnswer,
    ProviderError,
    Unreachable,
)
from tui_numbers.providers.request import Basic, Bearer, QueryCredentials

if TYPE_CHECKING:
    from tui_numbers.providers.environment import Proxy
    from tui_numbers.providers.request import Credentials, Limits

ACCEPTED = "gzip, deflate"
"""The packings that are asked for; others expand without a bound that could be kept."""
USER_AGENT = f"tui-numbers/{__version__}"
Client = httpx.AsyncClient
Transport = httpx.AsyncBaseTransport
Response = httpx.Response
_WINDOWS = {"gzip": 31, "x-gzip": 31, "deflate": 15}
_BARE_DEFLATE = -15
_NETWORK_HINT = "check the network, and base_url in the configuration"
_ADDRESS_HINT = "check base_url in the configuration"
_TRUST_HINT = "check base_url and the clock; authorities of your own: SSL_CERT_FILE names them"
_UNTRUSTED = "CERTIFICATE_VERIFY_FAILED"
_CAUSES = {
    errno.ECONNREFUSED: "connection refused",
    errno.ECONNRESET: "it broke the connection off",
    errno.EHOSTUNREACH: "there is no route to it",
    errno.ENETUNREACH: "there is no network that leads to it",
    errno.ETIMEDOUT: "it does not take the connection",
}
"""What the system says of a connection, in our words."""


# Both libraries log URLs and headers; with query credentials those may hold the secret.
# Their loggers have children, which pass on what they say however their parent is disabled.
for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).propagate = False
    logging.getLogger(_name).addHandler(logging.NullHandler())


class CannotUnpack(Exception):
    """The body is not packed as it says, or in a way that was not asked for; the text says how."""


class TooLarge(Exception):
    """An answer beyond any that the providers' page sizes could need."""


FAILURES = (TimeoutError, httpx.HTTPError, httpx.InvalidURL, CannotUnpack, TooLarge)


@functools.cache
def warm_up() -> None:
    """Load what the first request would load on the event loop; call it in a thread."""
    # An event loop that does nothing is the public way to have anyio load its backend.
    anyio.run(anyio.sleep, 0)


def trust() -> ssl.SSLContext:
    """Load the certificate authorities; takes tens of milliseconds, so call it in a thread.

    They are those that ``SSL_CERT_FILE`` or ``SSL_CERT_DIR`` name, or else those of ``certifi``.

    Raises:
        EnvironmentProblem: What the environment names cannot be used.
    """
    problem = environment.authorities_problem(os.environ)
    if problem is not None:
        raise problem
    try:
        return httpx.create_ssl_context()
    except OSError:
        problem = environment.key_log_problem(os.environ)
    raise problem or EnvironmentProblem(
        "the certificate authorities of the package certifi cannot be read",
        hint="install certifi anew, or name authorities of your own with SSL_CERT_FILE",
    )


@functools.cache
def trust_in_nobody() -> ssl.SSLContext:
    """Return the context that refuses every certificate, for origins that need none."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def new_client(
    context: ssl.SSLContext,
    transport: Transport | None,
    limits: "Limits",
    proxy: "Proxy | None",
) -> Client:
    """Return a client that verifies TLS, follows no redirect and keeps no cookie.

    Raises:
        EnvironmentProblem: The proxy's address cannot be used.
    """
    return httpx.AsyncClient(
        verify=context,
        transport=transport,
        trust_env=False,
        proxy=None if proxy is None else _proxy(proxy, context),
        follow_redirects=False,
        event_hooks={"response": [_drop_location]},
        headers={
            "User-Agent": USER_AGENT,
            "Accept": "application/json",
            "Accept-Encoding": ACCEPTED,
        },
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        timeout=httpx.Timeout(limits.read, connect=limits.connect, pool=None),
        limits=httpx.Limits(max_connections=32, max_keepalive_connections=16),
    )


def auth_of(
    credentials: "Credentials", secret: str
) -> httpx.Auth | Callable[[httpx.Request], httpx.Request]:
    """Return what puts credentials into a request; httpx masks the header wherever it prints it."""
    match credentials:
        case Basic(user):
            return httpx.BasicAuth(user, secret)
        case Bearer():
            return functools.partial(_with_bearer, secret)
        case QueryCredentials(key_name, key, secret_name):
            added = {key_name: key, secret_name: secret}

    def ask_with_them(request: httpx.Request) -> httpx.Request:
        request.url = request.url.copy_merge_params(added)
        return request

    return ask_with_them


def _with_bearer(secret: str, request: httpx.Request) -> httpx.Request:
    # httpx masks this header by its name.
    request.headers["Authorization"] = f"Bearer {secret}"
    return request


async def read_body(response: Response) -> bytes:
    """Return the unpacked body.

    Raises:
        CannotUnpack: It is not packed in a way that was asked for.
        TooLarge: It grows beyond any honest answer.
    """
    stream = response.stream
    assert isinstance(stream, httpx.AsyncByteStream)
    # The library itself would unpack each chunk whole, and one chunk may hold gigabytes.
    return await unpacked(stream, response.headers.get("content-encoding", ""))


def in_process(app: Callable[..., Any], dropped: type[Exception]) -> httpx.AsyncBaseTransport:
    """Return a transport that calls an ASGI application directly, for the demo.

    ``dropped`` is what the application raises to break a connection off.
    """
    return _InProcess(app, dropped)


class ProxyProgress:
    """Tell how far one request came through a proxy, by the library's own trace."""

    def __init__(self, proxy: "Proxy") -> None:
        self.proxy = proxy
        self.leads_through = True
        """Whether the host was reached; so it was where a connection was kept from before."""
        self.securing = False
        """Whether TLS with the host itself was being agreed on."""
        self._stream: Any = None

    async def trace(self, event: str, details: Mapping[str, Any]) -> None:
        """Note an event of the library's own trace."""
        if event == "socks.connect_tcp.complete":
            self._stream = details["return_value"]
        elif event.endswith(".connect_tcp.started"):
            self.leads_through = self.securing = False
        elif event in ("proxy.start_tls.started", "socks.start_tls.started"):
            self.securing = True
        elif event in ("proxy.start_tls.complete", "socks.start_tls.complete"):
            self.leads_through = True

    async def give_up(self) -> None:
        """Close a connection that did not get beyond its proxy, which the library leaves open."""
        if self._stream is not None and not self.leads_through:
            await self._stream.aclose()


def expected_errors(progress: ProxyProgress | None) -> tuple[type[Exception], ...]:
    """Return what an exchange may raise; a proxy may speak so that the library itself stumbles."""
    return FAILURES if progress is None or progress.leads_through else (Exception,)


def failure_of(
    error: Exception, host: str, account: str, progress: ProxyProgress | None = None
) -> ProviderError:
    """Return what a failed exchange with ``host`` means to the account's user."""
    if progress is not None and not progress.leads_through:
        return _proxy_failure(error, host, account, progress)
    if isinstance(error, TooLarge):
        return BadReply(f"{host} sent more than any answer needs", account=account)
    if isinstance(error, CannotUnpack):
        return BadReply(f"{host} sent an answer that is {error}", account=account)
    if isinstance(error, httpx.ConnectTimeout | httpx.PoolTimeout):
        return Unreachable(
            f"{host} did not take the connection", account=account, hint=_NETWORK_HINT
        )
    if isinstance(error, httpx.ConnectError | httpx.ProxyError):
        return Unreachable(
            f"{host} cannot be reached: {_connect_reason(error)}",
            account=account,
            hint=_TRUST_HINT if _UNTRUSTED in str(error) else _NETWORK_HINT,
        )
    if isinstance(error, httpx.InvalidURL | httpx.UnsupportedProtocol | httpx.LocalProtocolError):
        return Unreachable(
            f"{host}: the request could not be made", account=account, hint=_ADDRESS_HINT
        )
    if isinstance(error, TimeoutError | httpx.TimeoutException):
        return NoAnswer(f"{host} did not answer in time", account=account)
    return NoAnswer(f"{host} broke the connection off without an answer", account=account)


def _proxy_failure(
    error: Exception, host: str, account: str, progress: ProxyProgress
) -> ProviderError:
    """Return the failure of a request that did not get beyond its proxy."""
    proxy, hint = progress.proxy, progress.proxy.hint
    if progress.securing:
        what = f"{host} cannot be reached through {proxy}: {_connect_reason(error)}"
        if _UNTRUSTED in str(error):
            hint = f"a proxy that reads TLS has an authority of its own; {_TRUST_HINT}"
    elif isinstance(error, httpx.ProxyError):
        status, _, _ = str(error).partition(" ")
        said = clean(str(error).strip(), 120)
        what = f"{proxy} refused the way to {host}: {said}"
        if status in ("502", "503", "504") or "could not connect" in said:
            what = f"{proxy} cannot reach {host}: {said}"
        elif status == "407" or "username" in said.lower():
            what = f"{proxy} wants a user name and a password of its own: {said}"
            hint = f"write them into {proxy.variable}: ://USER:PASSWORD@{proxy.address}"
    elif isinstance(error, httpx.ConnectError):
        what = f"{proxy} cannot be reached: {_connect_reason(error)}"
    elif isinstance(error, httpx.TimeoutException | TimeoutError):
        what = f"{proxy} did not answer in time"
    else:
        what = f"{proxy} does not answer as a proxy does"
    return Unreachable(what, account=account, hint=hint)


def _connect_reason(error: Exception) -> str:
    text = str(error)
    if _UNTRUSTED in text:
        reason = text.partition("verify failed: ")[2].partition(" (")[0]
        return f"its TLS certificate is not trusted ({clean(reason or 'unknown reason', 120)})"
    if "SSL" in text:
        return "TLS could not be agreed on"
    if "Name or service" in text or "getaddrinfo" in text or "name resolution" in text:
        return "there is no such host, or DNS does not answer"
    if "refused" in text:
        return "connection refused"
    said = (_CAUSES.get(one.errno or 0) for one in _causes(error) if isinstance(one, OSError))
    return next(filter(None, said), "no connection")


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield what an error comes from; each library has wrapped it in its own."""
    under = [*error.args, error.__cause__, error.__context__]
    if isinstance(error, BaseExceptionGroup):
        under += error.exceptions
    for one in under:
        if isinstance(one, BaseException):
            yield one
            yield from _causes(one)


def _proxy(proxy: "Proxy", context: ssl.SSLContext) -> httpx.Proxy:
    try:
        url = httpx.URL(proxy.url)
        return httpx.Proxy(url, ssl_context=context if url.scheme == "https" else None)
    except (httpx.InvalidURL, ValueError):
        pass
    raise environment.unreadable(proxy.variable, proxy.target)


async def _drop_location(response: Response) -> None:
    """Drop the address of a redirect.

    The library reads that address even where it follows none, and one that it cannot read fails
    as if the request had never left.
    """
    response.headers.pop("location", None)


async def unpacked(chunks: AsyncIterable[bytes], encoding: str) -> bytes:
    """Return the whole body; ``encoding`` is its ``Content-Encoding``.

    Raises:
        CannotUnpack: It is not packed in one of the ways that were asked for.
        TooLarge: It grows beyond any honest answer; no more than that is unpacked of it.
    """
    chunks = _few(chunks)
    names = [name for part in encoding.lower().split(",") if (name := part.strip())]
    names = [name for name in names if name != "identity"]
    if not names:
        return await _plain(chunks)
    if len(names) > 1 or names[0] not in _WINDOWS:
        raise CannotUnpack("packed in a way that was not asked for")
    return await _inflated(chunks, _WINDOWS[names[0]])


async def _few(chunks: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
    pieces = 0
    async for chunk in chunks:
        pieces += 1
        if pieces > request.MOST_PIECES:
            raise TooLarge
        yield chunk


async def _plain(chunks: AsyncIterable[bytes]) -> bytes:
    body = bytearray()
    async for chunk in chunks:
        body += chunk
        if len(body) > request.LARGEST_BODY:
            raise TooLarge
    return bytes(body)


async def _inflated(chunks: AsyncIterable[bytes], window: int) -> bytes:
    inflater = zlib.decompressobj(window)
    body, begun = bytearray(), False
    try:
        async for chunk in chunks:
            if not begun and window == _WINDOWS["deflate"] and not _has_zlib_header(chunk):
                inflater = zlib.decompressobj(_BARE_DEFLATE)
            begun = True
            left = chunk
            while left and not inflater.eof:
                body += inflater.decompress(left, request.LARGEST_BODY + 1 - len(body))
                if len(body) > request.LARGEST_BODY:
                    raise TooLarge
                left = inflater.unconsumed_tail
        body += inflater.flush()
    except zlib.error:
        raise CannotUnpack("not packed as it says") from None
    if begun and not inflater.eof:
        raise CannotUnpack("packed, and its end is missing")
    return bytes(body)


def _has_zlib_header(chunk: bytes) -> bool:
    """Tell whether deflated data begins as RFC 1950 has it; some servers leave that out."""
    return len(chunk) > 1 and chunk[0] & 0x0F == 8 and (chunk[0] << 8 | chunk[1]) % 31 == 0


class _InProcess(httpx.AsyncBaseTransport):
    def __init__(self, app: Callable[..., Any], dropped: type[Exception]) -> None:
        self._inner = httpx.ASGITransport(app=app, client=("127.0.0.1", 0))
        self._dropped = dropped

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        try:
            return await self._inner.handle_async_request(request)
        except self._dropped:
            pass
        raise httpx.RemoteProtocolError("connection dropped", request=request)
