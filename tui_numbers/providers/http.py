"""Send requests: credentials, rate limits, retries of reads, redaction, telemetry."""

import asyncio
import contextlib
import functools
import logging
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tui_numbers.domain.accounts import Account, Secret
from tui_numbers.providers.contract import Pace
from tui_numbers.providers.environment import Proxy, proxy_for
from tui_numbers.providers.errors import (
    ASK_LATER,
    BadReply,
    ConfigurationProblem,
    EnvironmentProblem,
    ListingIncomplete,
    NoAnswer,
    ProviderError,
    Unreachable,
)
from tui_numbers.providers.origins import UnsafeBaseUrl, check_base_url, is_below, is_loopback
from tui_numbers.providers.pacing import OnWaiting, Pacer, Timing, Waiting
from tui_numbers.providers.request import (
    MASK,
    RETRIED_STATUSES,
    Basic,
    Bearer,
    Credentials,
    Limits,
    Reply,
    RetryPolicy,
    Telemetry,
    asked_wait,
    secret_forms,
)

if TYPE_CHECKING:
    from types import ModuleType

    from tui_numbers.providers.transport import Client, ProxyProgress, Transport

_log = logging.getLogger(__name__)
_LONGEST_IDLE = 5.0
"""Seconds; servers close what is idle for long."""
_TOO_OFTEN = "the provider says that it is asked too often"


@dataclass
class Http:
    """Open the connections of all accounts; TLS is set up once, off the event loop."""

    transport: "Transport | None" = None
    """In place of the network, for the demo."""
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    timing: Timing = field(default_factory=Timing)
    limits: Limits = field(default_factory=Limits)
    on_waiting: OnWaiting = lambda waiting: None
    _pools: list["ConnectionPool"] = field(default_factory=list, repr=False)
    _proxies: dict[str, Proxy | None] = field(default_factory=dict, repr=False)
    _module: "ModuleType | None" = field(default=None, repr=False)
    _context: "asyncio.Task[Any] | None" = field(default=None, repr=False)

    def connections(self, base_url: str) -> "ConnectionPool":
        """Return connections to one origin, closed with this object; performs no I/O."""
        pool = ConnectionPool(functools.partial(self._client, base_url), self.timing.now)
        self._pools.append(pool)
        return pool

    async def loaded(self) -> "ModuleType":
        """Import the transport on the first request."""
        if self._module is None:
            self._module = await asyncio.to_thread(_load_transport)
        return self._module

    async def _client(self, base_url: str) -> "Client":
        transport = await self.loaded()
        client: Client = transport.new_client(
            await self._trust(transport, base_url),
            self.transport,
            self.limits,
            self.proxy(base_url),
        )
        return client

    def proxy(self, base_url: str) -> Proxy | None:
        """Return the proxy that requests to an address go through.

        Raises:
            EnvironmentProblem: The environment names one that cannot be used.
        """
        if self.transport is not None:
            return None
        if base_url not in self._proxies:
            self._proxies[base_url] = proxy_for(base_url)
        return self._proxies[base_url]

    async def _trust(self, transport: "ModuleType", base_url: str) -> Any:
        if self.transport is not None or urlsplit(base_url).scheme == "http":
            return transport.trust_in_nobody()
        if self._context is None:
            self._context = asyncio.create_task(asyncio.to_thread(transport.trust))
        return await asyncio.shield(self._context)

    async def aclose(self) -> None:
        """Close every connection; the object is not used afterwards."""
        if self._context is not None:
            # What failed may have been left by whoever asked for it.
            await asyncio.gather(self._context, return_exceptions=True)
        for pool in self._pools:
            await pool.aclose()


class Api:
    """One account on the network: its secret, its pace and its telemetry."""

    def __init__(
        self,
        http: Http,
        account: Account,
        secret: Secret,
        pace: Pace,
        hidden: frozenset[str] = frozenset(),
    ) -> None:
        """Prepare to talk to an account; ``hidden`` fields of its records are never read."""
        self.account = account
        self.hidden = hidden
        self.http = http
        self.secret = secret
        self.telemetry = Telemetry()
        # The documented pace protects the provider's own service; loopback is an emulation.
        if account.base_url is not None and is_loopback(account.base_url):
            pace = replace(pace, writes_per_second=None)
        self.pace = pace
        # Whoever shows progress may change while the account is in use.
        tell: OnWaiting = lambda waiting: http.on_waiting(waiting)  # noqa: E731, PLW0108
        self.pacer = Pacer(account.name, pace, http.timing, tell)

    def endpoint(
        self,
        base_url: str,
        credentials: Credentials,
        *,
        named: str = "base_url",
        if_rejected: str = "",
    ) -> "Endpoint":
        """Return one origin of the account, to which its credentials may go.

        ``named`` is the field of the configuration that the address comes from, ``if_rejected``
        what else to try where the provider does not know the credentials.

        Raises:
            ConfigurationProblem: The address is neither https nor http on loopback, or the secret
                holds what cannot be sent.
        """
        try:
            checked = check_base_url(base_url)
            # A header is ASCII, and what stops its making would show it.
            self.secret.reveal().encode("ascii" if isinstance(credentials, Bearer) else "utf-8")
        except UnsafeBaseUrl as problem:
            reason = f"{named} cannot be used: {problem}"
        except UnicodeEncodeError:
            text = "text in UTF-8" if not isinstance(credentials, Bearer) else "letters of a key"
            reason = f"its secret cannot be used: it holds bytes that are no {text}"
        else:
            return Endpoint(self, checked, credentials, if_rejected)
        # Raised outside the handler: an error of encoding holds what it could not encode.
        raise ConfigurationProblem(reason, account=self.account.name)


class Endpoint:
    """One origin of one account: reads are retried, writes are sent once."""

    def __init__(
        self, api: Api, base_url: str, credentials: Credentials, if_rejected: str = ""
    ) -> None:
        self._api = api
        self._if_rejected = if_rejected
        self._base = base_url
        self._host = urlsplit(base_url).netloc
        self._credentials = credentials
        self._pool = api.http.connections(base_url)
        user = credentials.user if isinstance(credentials, Basic) else None
        self._masked = secret_forms(api.secret, user)

    async def get(self, path: str, params: Mapping[str, str | int] | None = None) -> Reply:
        """Ask for ``path``; asked again on time-outs, 429 and 502 to 504, within the policy.

        Raises:
            Unreachable: It could not leave.
            NoAnswer: No usable answer came, however often it was asked.
        """
        return await self._read(self._base + path, params)

    async def follow(self, url: str) -> Reply:
        """Ask for a URL that the provider gave, if it lies below this one's own address.

        Raises:
            ListingIncomplete: It is elsewhere, where credentials never go.
        """
        if not is_below(url, self._base):
            raise ListingIncomplete(
                f"{self._host} points at another host for the next page; "
                "credentials are not sent there, so the listing ends here",
                account=self._api.account.name,
            )
        return await self._read(url, None)

    async def send(
        self,
        method: str,
        path: str,
        *,
        json: Mapping[str, Any] | None = None,
        form: Mapping[str, str] | None = None,
        content_type: str | None = None,
    ) -> Reply:
        """Send a write, once; ``content_type`` is for one without a body whose document wants it.

        Raises:
            Unreachable: It could not leave, or not in time, so nothing was done.
            NoAnswer: It may have been carried out.
        """
        body: dict[str, Any] = {}
        if json is not None:
            body["json"] = json
        if form is not None:
            body["data"] = form
        if content_type is not None:
            body["headers"] = {"Content-Type": content_type}
        http = self._api.http
        async with self._api.pacer.turn(write=True):
            deadline = _leave_by.get()
            if deadline is not None and deadline.is_over:
                raise Unreachable(
                    f"{self._host}: the request waited too long for its turn",
                    account=self._api.account.name,
                    hint="try again",
                )
            reply = await self._once(method, self._base + path, None, body)
        asked = asked_wait(reply.headers, http.timing.wall()) if reply.status == 429 else None
        if asked is not None and asked <= http.retry.total_seconds:
            self._api.pacer.refused(asked, _TOO_OFTEN)
        return reply

    async def _read(self, url: str, params: Mapping[str, str | int] | None) -> Reply:
        http, attempt, started = self._api.http, 0, 0.0
        while True:
            attempt += 1
            asked: float | None = None
            failure: ProviderError | None = None
            reply: Reply | None = None
            try:
                async with self._api.pacer.turn(write=False):
                    if attempt == 1:
                        # Waiting for its turn takes nothing of the patience with an answer.
                        started = http.timing.now()
                    reply = await self._once("GET", url, params, {})
            except BadReply:
                raise
            except (NoAnswer, Unreachable) as error:
                failure = error
            if reply is not None:
                if reply.status not in RETRIED_STATUSES:
                    return reply
                asked = asked_wait(reply.headers, http.timing.wall())
            seconds = http.retry.wait(attempt, asked, http.timing.now() - started)
            if seconds is None or isinstance(failure, Unreachable):
                if reply is not None:
                    return reply
                assert failure is not None
                failure.hint = failure.hint or ASK_LATER
                raise failure
            reason = f"answered {reply.status}" if reply else "did not answer"
            if reply is not None and reply.status == 429:
                self._api.pacer.refused(seconds, _TOO_OFTEN)
            name = self._api.account.name
            http.on_waiting(Waiting(name, f"{self._host} {reason}", seconds, reason))
            await http.timing.sleep(seconds)

    async def _once(
        self,
        method: str,
        url: str,
        params: Mapping[str, str | int] | None,
        body: Mapping[str, Any],
    ) -> Reply:
        transport = await self._api.http.loaded()
        started = self._api.http.timing.now()
        name = self._api.account.name
        failure: ProviderError
        progress: ProxyProgress | None = None
        try:
            proxy = self._api.http.proxy(self._base)
            progress = None if proxy is None else transport.ProxyProgress(proxy)
            async with (
                asyncio.timeout(self._api.http.limits.whole),
                self._pool.client() as client,
            ):
                reply = await self._exchange(client, method, url, params, body, progress)
        except EnvironmentProblem as problem:
            failure = problem.at(name)
        except transport.expected_errors(progress) as error:
            failure = transport.failure_of(error, self._host, name, progress)
        else:
            self._api.pacer.observe(reply.status, reply.headers)
            self._api.telemetry.take(reply.status, reply.headers, self._api.http.timing.wall())
            _log.debug(
                "%s %s%s -> %d in %.0f ms",
                method,
                self._host,
                urlsplit(url).path,
                reply.status,
                (self._api.http.timing.now() - started) * 1000,
            )
            return reply
        if progress is not None:
            await progress.give_up()
        # Raised outside the handler, so that it does not drag along a request that holds a secret.
        raise failure

    async def _exchange(
        self,
        client: "Client",
        method: str,
        url: str,
        params: Mapping[str, str | int] | None,
        body: Mapping[str, Any],
        progress: "ProxyProgress | None",
    ) -> Reply:
        from tui_numbers.providers.transport import auth_of, read_body

        auth = auth_of(self._credentials, self._api.secret.reveal())
        traced = {"trace": progress.trace} if progress is not None else None
        async with client.stream(
            method, url, params=params, auth=auth, extensions=traced, **body
        ) as response:
            whole = await read_body(response)
            for form in self._masked:
                whole = whole.replace(form, MASK)
            headers = {name.lower(): value for name, value in response.headers.items()}
            status = response.status_code
            return Reply(
                method, self._host, status, headers, whole, self._if_rejected, self._api.hidden
            )


class ConnectionPool:
    """A client for each request side by side; whoever asks bounds how many there are.

    One client for all would look through each of its connections with each request, which at
    sixteen of them took as long as everything else that a request needs.
    """

    def __init__(
        self, open_client: Callable[[], Awaitable["Client"]], now: Callable[[], float]
    ) -> None:
        self._open_client = open_client
        self._now = now
        self._clients: set[Client] = set()
        self._idle: deque[tuple[Client, float]] = deque()
        """With the time of their last use; the latest stands last, and is taken first."""

    @asynccontextmanager
    async def client(self) -> AsyncIterator["Client"]:
        """Give a client that nobody else uses while the block runs."""
        if self._idle:
            client, _ = self._idle.pop()
        else:
            client = await self._open_client()
            self._clients.add(client)
        try:
            await self._close_idle()
            yield client
        finally:
            self._idle.append((client, self._now()))

    async def _close_idle(self) -> None:
        oldest = self._now() - _LONGEST_IDLE
        while self._idle and self._idle[0][1] < oldest:
            client, _ = self._idle.popleft()
            self._clients.discard(client)
            await client.aclose()

    async def aclose(self) -> None:
        """Close every connection."""
        for client in tuple(self._clients):
            await client.aclose()


@dataclass(frozen=True, slots=True)
class _LeaveBy:
    """The latest moment at which a write may leave, by both clocks.

    One of them may stand still while the machine sleeps, the other may be set anew.
    """

    timing: Timing
    monotonic: float
    wall: float

    @property
    def is_over(self) -> bool:
        return self.timing.now() > self.monotonic or self.timing.wall() > self.wall


_leave_by: ContextVar[_LeaveBy | None] = ContextVar("leave_by", default=None)


@contextlib.contextmanager
def leaving_within(seconds: float, timing: Timing) -> Iterator[None]:
    """Let no write of this task leave later than ``seconds`` from now."""
    deadline = _LeaveBy(timing, timing.now() + seconds, timing.wall() + seconds)
    token = _leave_by.set(deadline)
    try:
        yield
    finally:
        _leave_by.reset(token)


def _load_transport() -> "ModuleType":
    from tui_numbers.providers import transport

    transport.warm_up()
    return transport
