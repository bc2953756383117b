import asyncio
import logging
import ssl

import httpx
import pytest

from tests.support.clock import StoppedClock
from tests.support.scripted_http import SECRET, desk
from tui_numbers.domain.accounts import Secret
from tui_numbers.providers import transport
from tui_numbers.providers.contract import Pace
from tui_numbers.providers.errors import (
    BadReply,
    ConfigurationProblem,
    NoAnswer,
    Unreachable,
)
from tui_numbers.providers.http import Http
from tui_numbers.providers.request import Basic, QueryCredentials, secret_forms

BASE = "https://api.example/v1"


def endpoint(answers, credentials=None, **options):
    opened = desk(answers, **options)
    return opened.api.endpoint(BASE, credentials or Basic("user")), opened


async def test_a_read_is_one_request_with_basic_credentials():
    door, opened = endpoint([{"a": 1}])
    reply = await door.get("/things", {"size": 3})
    (request,) = opened.wire.requests
    assert str(request.url) == f"{BASE}/things?size=3"
    assert request.headers["authorization"] == httpx.BasicAuth("user", SECRET)._auth_header
    assert request.headers["accept"] == "application/json"
    assert (reply.status, reply.host, reply.method) == (200, "api.example", "GET")
    assert reply.headers["content-type"] == "application/json"
    assert "body" not in repr(reply)


async def test_query_credentials_stand_beside_the_parameters():
    door, opened = endpoint([{}], QueryCredentials("api_key", "k", "api_secret"))
    await door.get("/things", {"size": 3})
    (request,) = opened.wire.requests
    assert dict(request.url.params) == {"size": "3", "api_key": "k", "api_secret": SECRET}
    assert "authorization" not in request.headers


LOST = [httpx.ReadTimeout("x"), httpx.ReadError("x"), httpx.RemoteProtocolError("x")]


@pytest.mark.parametrize("lost", LOST)
async def test_a_read_without_an_answer_is_asked_again(lost):
    door, opened = endpoint([lost, lost, {}])
    assert (await door.get("/")).status == 200
    assert len(opened.wire.requests) == 3
    assert [wait.reason for wait in opened.waits] == ["api.example did not answer"] * 2
    assert opened.clock.slept == [wait.seconds for wait in opened.waits]
    assert 0.3 < opened.clock.slept[0] < opened.clock.slept[1] < 2


@pytest.mark.parametrize("lost", LOST)
async def test_reads_are_asked_four_times_at_most(lost):
    door, opened = endpoint([lost] * 9)
    with pytest.raises(NoAnswer):
        await door.get("/")
    assert len(opened.wire.requests) == 4


@pytest.mark.parametrize("lost", LOST)
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
async def test_a_write_is_sent_once(lost, method):
    door, opened = endpoint([lost, {}])
    with pytest.raises(NoAnswer) as failure:
        await door.send(method, "/", json={})
    assert failure.value.may_have_applied
    assert len(opened.wire.requests) == 1
    assert opened.clock.slept == []


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
async def test_a_write_that_is_turned_away_is_not_repeated(status):
    door, opened = endpoint([httpx.Response(status, headers={"retry-after": "1"}), {}])
    assert (await door.send("POST", "/", form={"a": ""})).status == status
    assert len(opened.wire.requests) == 1
    assert opened.wire.requests[0].content == b"a="


@pytest.mark.parametrize(
    ("failure", "words"),
    [
        (httpx.ConnectTimeout("x"), "did not take the connection"),
        (httpx.ConnectError("[Errno 111] Connection refused"), "connection refused"),
        (httpx.ConnectError("[Errno -2] Name or service not known"), "no such host"),
        (
            httpx.ConnectError(
                "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: "
                "self-signed certificate (_ssl.c:1006)"
            ),
            "not trusted (self-signed certificate)",
        ),
        (httpx.ConnectError("[SSL: WRONG_VERSION_NUMBER]"), "TLS could not be agreed on"),
        (httpx.ConnectError("?"), "no connection"),
        (httpx.UnsupportedProtocol("x"), "could not be made"),
    ],
)
async def test_what_could_not_leave_is_not_asked_again(failure, words):
    door, opened = endpoint([failure, {}])
    with pytest.raises(Unreachable, match=r"api\.example") as raised:
        await door.get("/")
    assert words in raised.value.message
    assert raised.value.may_have_applied is False
    assert len(opened.wire.requests) == 1


async def test_a_failure_drags_no_request_along():
    door, _ = endpoint([httpx.ReadTimeout("x")])
    with pytest.raises(NoAnswer) as failure:
        await door.send("POST", "/")
    assert failure.value.__cause__ is None
    assert failure.value.__context__ is None


async def test_429_holds_back_every_request_of_the_account():
    held = httpx.Response(429, headers={"retry-after": "20"})
    door, opened = endpoint([held, {}, {}])
    await asyncio.gather(door.get("/a"), door.get("/b"))
    assert opened.clock.slept[0] == 20
    assert any("too often" in wait.reason for wait in opened.waits) or len(opened.waits) == 1


async def test_a_wait_beyond_patience_is_the_callers_to_decide():
    door, opened = endpoint([httpx.Response(429, headers={"retry-after": "100"}), {}])
    assert (await door.get("/")).status == 429
    assert opened.clock.slept == []


async def test_a_wait_can_be_cancelled():
    door, opened = endpoint([httpx.ReadError("x"), {}])
    sleeping = asyncio.Event()

    async def forever(_):
        sleeping.set()
        await asyncio.Event().wait()

    opened.api.http.timing = type(opened.api.http.timing)(
        opened.clock.now, opened.clock.now, forever
    )
    task = asyncio.create_task(door.get("/"))
    await sleeping.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert len(opened.wire.requests) == 1


async def test_an_answer_without_end_is_refused():
    async def forever():
        while True:
            yield b"x" * 1_000_000

    door, opened = endpoint([httpx.Response(200, stream=AsyncBytes(forever()))])
    with pytest.raises(BadReply):
        await door.get("/")
    assert len(opened.wire.requests) == 1


class AsyncBytes(httpx.AsyncByteStream):
    def __init__(self, chunks):
        self._chunks = chunks

    async def __aiter__(self):
        async for chunk in self._chunks:
            yield chunk

    async def aclose(self):
        await self._chunks.aclose()


async def test_an_answer_that_cannot_be_unpacked():
    broken = httpx.Response(200, headers={"content-encoding": "gzip"}, stream=Plain(b"no gzip"))
    door, _ = endpoint([broken])
    with pytest.raises(BadReply):
        await door.get("/")


class Plain(httpx.AsyncByteStream):
    def __init__(self, body):
        self._body = body

    async def __aiter__(self):
        yield self._body


@pytest.mark.parametrize("credentials", [Basic("user"), QueryCredentials("k", "user", "s")])
async def test_a_body_that_repeats_the_credentials_is_masked(credentials):
    def echo(request):
        shown = [str(request.url), request.headers.get("authorization", ""), SECRET]
        return httpx.Response(200, json=shown)

    door, _ = endpoint(echo, credentials)
    body = (await door.get("/")).body.decode()
    assert "****" in body
    for form in secret_forms(Secret(SECRET), "user"):
        assert form.decode() not in body


async def test_logs_hold_no_query_and_no_credentials(caplog):
    caplog.set_level(logging.DEBUG)
    door, _ = endpoint([{}], QueryCredentials("api_key", "k", "api_secret"))
    await door.get("/things", {"pattern": "447700900555"})
    assert "GET api.example/v1/things" in caplog.text or "GET api.example/things" in caplog.text
    assert "447700900555" not in caplog.text
    assert "s3cret" not in caplog.text


async def test_loopback_is_not_paced():
    opened = desk([{}] * 5, base_url="http://127.0.0.1:1", pace=Pace(writes_per_second=1))
    door = opened.api.endpoint("http://127.0.0.1:1", Basic("user"))
    for _ in range(5):
        await door.send("POST", "/")
    assert opened.clock.slept == []


async def test_writes_and_the_read_after_them_are_spaced():
    door, opened = endpoint([{}] * 4, pace=Pace(writes_per_second=1))
    await door.get("/")
    await door.send("POST", "/")
    assert opened.clock.slept == []
    await door.send("POST", "/")
    await door.get("/")
    assert opened.clock.slept == [1, 1]


@pytest.fixture
def made(monkeypatch):
    """The clients that were made, as they are made."""
    clients, new_client = [], transport.new_client

    def note(*given, **named):
        clients.append(new_client(*given, **named))
        return clients[-1]

    monkeypatch.setattr(transport, "new_client", note)
    return clients


async def test_requests_one_after_another_share_a_client(made):
    door, opened = endpoint([{}, {}, {}])
    for _ in range(3):
        await door.get("/")
    assert len(made) == 1
    await opened.api.http.aclose()
    assert made[0].is_closed


async def test_clients_that_nobody_needs_any_more_are_closed(made):
    clock = StoppedClock()
    http = Http(timing=clock.timing)
    pool = http.connections("http://127.0.0.1:1")
    async with pool.client() as one, pool.client() as two, pool.client() as three:
        assert made == [one, two, three]
    clock.time += 60
    async with pool.client() as again:
        assert again is one
        assert (one.is_closed, two.is_closed, three.is_closed) == (False, True, True)
    await http.aclose()
    assert one.is_closed


async def test_trust_is_loaded_once_and_only_for_tls(monkeypatch):
    loaded, trust = [], transport.trust
    monkeypatch.setattr(transport, "trust", lambda: loaded.append(trust()) or loaded[-1])
    http = Http()
    for base_url in ("http://127.0.0.1:1", "https://a.example", "https://b.example"):
        async with http.connections(base_url).client():
            pass
        assert len(loaded) == base_url.startswith("https:")
    await http.aclose()


def test_an_origin_without_tls_trusts_no_certificate():
    context = transport.trust_in_nobody()
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert context.cert_store_stats()["x509"] == 0


@pytest.mark.parametrize("secret", ["", "abc"])
def test_a_short_secret_masks_nothing(secret):
    assert secret_forms(Secret(secret), "user") == ()


async def test_a_secret_that_is_no_text_is_a_matter_of_configuration():
    secret = "abcd\udcff"
    with pytest.raises(ConfigurationProblem, match="its secret cannot be used") as failure:
        endpoint([], secret=secret)
    assert failure.value.account == "uk-sms"
    assert failure.value.__context__ is None
    assert "abcd" not in repr(failure.value)


async def test_waiting_for_a_turn_takes_nothing_of_the_patience():
    door, opened = endpoint([httpx.ReadError("x"), {}])
    opened.api.pacer.hold(100, "used up")
    assert (await door.get("/")).status == 200


async def test_a_write_that_is_asked_to_wait_holds_back_the_next_request():
    held = httpx.Response(429, headers={"retry-after": "20"})
    door, opened = endpoint([held, {}])
    assert (await door.send("POST", "/a")).status == 429
    await door.send("POST", "/b")
    assert opened.clock.slept == [20]
    assert [request.url.path for request in opened.wire.requests] == ["/v1/a", "/v1/b"]
