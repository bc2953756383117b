"""Vonage's own document judges our requests and the sandbox's answers, where it is at hand."""

import contextlib
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from werkzeug.datastructures import Headers, ImmutableMultiDict

from tests.contract.cases import VONAGE
from tests.contract.conftest import sandbox_account
from tests.contract.document import BASE, document
from tui_numbers.domain.accounts import Secret
from tui_numbers.domain.changes import CLEAR, Change, Set
from tui_numbers.domain.e164 import E164
from tui_numbers.domain.query import Match, OwnedQuery, StockQuery, TargetPattern
from tui_numbers.providers.contract import Provider
from tui_numbers.providers.errors import ProviderError
from tui_numbers.providers.http import Api, Http
from tui_numbers.providers.transport import in_process
from tui_numbers.sandbox.accounts import VONAGE_SUBACCOUNT_KEY
from tui_numbers.sandbox.app import Sandbox, build_world
from tui_numbers.sandbox.faults import ConnectionDropped, parse_fault
from tui_numbers.testing.bench import Clock


@dataclass
class Asked:
    """A request of ours in the form in which openapi-core takes it."""

    request: httpx.Request

    def __post_init__(self) -> None:
        from openapi_core.datatypes import RequestParameters

        self.host_url = BASE
        self.path = self.request.url.path
        self.method = self.request.method.lower()
        self.parameters = RequestParameters(
            query=ImmutableMultiDict(self.request.url.params.multi_items()),
            header=Headers(self.request.headers.multi_items()),
        )
        self.content_type = self.request.headers.get("content-type", "")
        self.body = self.request.content or None


@dataclass
class Answered:
    """An answer of the sandbox in the form in which openapi-core takes it."""

    response: httpx.Response

    def __post_init__(self) -> None:
        self.status_code = self.response.status_code
        self.headers = Headers(self.response.headers.multi_items())
        self.content_type = self.response.headers.get("content-type", "")
        self.data = self.response.content


class Witness(httpx.AsyncBaseTransport):
    """Passes requests to a sandbox and keeps both sides of every exchange."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._inner = in_process(sandbox, ConnectionDropped)
        self.seen: list[tuple[httpx.Request, httpx.Response]] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        response = await self._inner.handle_async_request(request)
        await response.aread()
        self.seen.append((request, response))
        return httpx.Response(
            response.status_code, headers=response.headers, content=response.content
        )


async def _quietly(call: Any) -> None:
    with contextlib.suppress(ProviderError):
        await call


async def _read_all(client: Provider) -> None:
    queries = [
        OwnedQuery(),
        OwnedQuery(country="GB"),
        OwnedQuery(unrouted=True),
        OwnedQuery(target=TargetPattern("application")),
        OwnedQuery(target=TargetPattern("application", "x")),
    ]
    for query in queries:
        async for _ in client.owned(query):
            pass
    searches = [StockQuery("GB", kind) for kind in ("local", "mobile", "toll_free", None)]
    searches += [StockQuery("GB", pattern="2020", match=match) for match in Match]
    searches += [
        StockQuery("US", capabilities=frozenset(words))
        for words in (("sms",), ("voice", "sms"), ("mms", "sms"), ("sms", "mms", "voice"))
    ]
    for search in searches:
        pages = client.available(search)
        await anext(pages)
        await pages.aclose()  # type: ignore[attr-defined]


async def _write_all(client: Provider, sandbox: Sandbox, count: int) -> None:
    number = await client.find(E164(VONAGE.ordinary(sandbox.world)))
    assert number is not None
    changes = {key: Set(text) for key, text in VONAGE.values(sandbox.world).items()}
    for key, edit in changes.items():
        await client.update(number, Change({key: edit}))
    for key in ("application", "voice", "sms", "voice_status"):
        await client.update(number, Change({key: CLEAR}))
    for record in list(sandbox.world.vonage.numbers.records.values())[:count]:
        owned = await client.find(E164(record.number))
        assert owned is not None
        await client.update(owned, Change({"voice": Set("phone:+447700900777")}))
    wanted = VONAGE.wanted(sandbox.world)
    await client.buy(wanted, None)
    await _quietly(client.buy(wanted, None))
    await client.release(number)
    await _quietly(client.release(number))


async def exchanges(**fields: str) -> list[tuple[httpx.Request, httpx.Response]]:
    """Make every kind of request against the sandbox."""
    sandbox = Sandbox(build_world())
    witness, known = Witness(sandbox), sandbox_account("vonage")
    http = Http(transport=witness, timing=Clock().timing)
    account = known.at("http://127.0.0.1", **fields)
    client = VONAGE.plugin.connect(Api(http, account, Secret(known.secret), VONAGE.info.pace))
    await _read_all(client)
    if "target_api_key" in fields:
        await client.buy(VONAGE.wanted(sandbox.world), None)
    else:
        # What is sent of a record does not depend on where the credentials stand.
        await _write_all(client, sandbox, 10 if fields else 150)
    sandbox.faults.add(parse_fault("vonage:*:unauthorized"))
    for call in (client.owned(OwnedQuery()), client.available(StockQuery("GB"))):
        await _quietly(anext(call))
    await _quietly(client.buy(VONAGE.wanted(sandbox.world), None))
    await http.aclose()
    return witness.seen


@pytest.mark.parametrize(
    "fields", [{}, {"auth": "query"}, {"target_api_key": VONAGE_SUBACCOUNT_KEY}]
)
async def test_our_requests_and_the_sandboxs_answers_fit_the_document(fields):
    raw = document()
    openapi_core = pytest.importorskip("openapi_core")
    spec = openapi_core.OpenAPI.from_dict(raw)
    operations, answers = set(), set()
    for request, response in await exchanges(**fields):
        asked, answered = Asked(request), Answered(response)
        spec.validate_request(asked)
        path = asked.path.removeprefix("/vonage")
        operations.add((asked.method, path))
        if str(answered.status_code) in raw["paths"][path][asked.method]["responses"]:
            spec.validate_response(asked, answered)
            answers.add((path, answered.status_code))
    described = {(method, path) for path, item in raw["paths"].items() for method in item}
    if fields.keys() <= {"auth"}:
        assert operations == described
        assert {path for path, status in answers if status == 200} == set(raw["paths"])
        assert any(status == 401 for _, status in answers)
        assert ("/number/buy", 420) in answers


def test_the_document_is_not_so_lenient_that_it_passes_everything():
    raw = document()
    openapi_core = pytest.importorskip("openapi_core")
    spec = openapi_core.OpenAPI.from_dict(raw)
    wrong = [
        httpx.Request("GET", f"{BASE}/vonage/number/search?country=GB&features=VOICE,SMS"),
        httpx.Request("GET", f"{BASE}/vonage/number/search"),
        httpx.Request("GET", f"{BASE}/vonage/account/numbers?size=101"),
        httpx.Request("POST", f"{BASE}/vonage/number/buy", data={"country": "GB"}),
        httpx.Request("POST", f"{BASE}/vonage/number/buy", json={"country": "GB", "msisdn": "1"}),
    ]
    for request in wrong:
        with pytest.raises(openapi_core.exceptions.OpenAPIError):
            spec.validate_request(Asked(request))
