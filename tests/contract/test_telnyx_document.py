"""Telnyx's own document judges our requests and the sandbox's answers, where it is at hand."""

import json
import os
import re
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.contract.cases import TELNYX
from tests.contract.conftest import sandbox_account
from tests.contract.document import BASE, VARIABLE
from tests.contract.test_vonage_document import Answered, Asked, Witness, _quietly
from tui_numbers.domain.accounts import Secret
from tui_numbers.domain.changes import CLEAR, Change, Set
from tui_numbers.domain.e164 import E164
from tui_numbers.domain.numbers import AvailableNumber
from tui_numbers.domain.query import Match, OwnedQuery, StockQuery
from tui_numbers.providers.contract import Provider
from tui_numbers.providers.http import Api, Http
from tui_numbers.sandbox.app import Sandbox, build_world
from tui_numbers.sandbox.faults import parse_fault
from tui_numbers.testing import Clock

DOCUMENT = "telnyx-numbers.json"
NOT_ASKED = (
    "/addresses",
    "/audit_events",
    "/billing_groups",
    "/call_control_applications",
    "/country_coverage",
    "/inventory_coverage",
    "/managed_accounts",
    "/messaging_profiles/",
    "/number_order_phone_numbers",
    "/number_reservations",
    "/phone_numbers/csv_downloads",
    "/phone_numbers/jobs",
    "/phone_numbers/messaging",
    "/phone_numbers/slim",
    "/phone_numbers/{id}/actions",
    "/phone_numbers/{id}/messaging",
    "/phone_numbers/{phone_number_id}/voicemail",
    "/sub_number_orders",
    "/texml_applications",
)
"""What the document describes and the client has no use for, but for changing messages."""


def document() -> dict[str, Any]:
    """Return the document without its security scheme, at the address of the tests."""
    folder = os.environ.get(VARIABLE)
    if not folder:
        pytest.skip(f"{VARIABLE} names no folder that holds {DOCUMENT}")
    loaded: dict[str, Any] = json.loads((Path(folder) / DOCUMENT).read_text("utf-8"))
    loaded.pop("security", None)
    loaded["components"].pop("securitySchemes", None)
    loaded["servers"] = [{"url": BASE + "/telnyx"}]
    for item in loaded["paths"].values():
        item.pop("servers", None)
        for operation in item.values():
            if isinstance(operation, dict):
                operation.pop("security", None)
    return loaded


async def _read_all(client: Provider, sandbox: Sandbox) -> None:
    for query in (OwnedQuery(), OwnedQuery(country="DE")):
        assert [page async for page in client.owned(query)]
    searches = [StockQuery("US"), *(StockQuery("DE", kind) for kind in TELNYX.info.types)]
    searches += [StockQuery("GB", "local", pattern="4420", match=match) for match in Match]
    searches += [StockQuery("US", "local", frozenset({"voice", "sms", "mms"}))]
    for search in searches:
        assert [page async for page in client.available(search)]
    assert [page async for page in client.targets()]
    assert (await client.check()).balance is not None


async def _write_all(client: Provider, sandbox: Sandbox) -> None:
    number = await client.find(E164(TELNYX.ordinary(sandbox.world)))
    assert number is not None
    for key, text in TELNYX.values(sandbox.world).items():
        await client.update(number, Change({key: Set(text)}))
    for spec in TELNYX.info.settings:
        if spec.clearable:
            now = await client.find(number.number, number)
            assert now is not None
            await client.update(now, Change({spec.key: CLEAR}))
    for country, ending in (("US", "01"), ("US", "00"), ("DE", "5"), ("DE", "6")):
        offered = sandbox.world.stock.numbers("telnyx", country, "local")
        wanted = E164(next(one for one in offered if one.endswith(ending)))
        stock = AvailableNumber("x", "telnyx", wanted, country, "local", ())
        groups = await client.buy_choices("requirement_group", stock)
        extras = {"requirement_group": groups[0].value} if ending == "6" else {}
        purchase = await client.buy(stock, None, extras)
        assert purchase.reference is not None
        await client.order(purchase.reference)
        assert await client.order_since(wanted, number.seen_at) == purchase.reference
        await _quietly(client.buy(stock, None))
    await _quietly(client.update(number, Change({"connection": Set("connection:1")})))
    await client.release(number)
    await _quietly(client.release(number))
    await _quietly(client.update(number, Change({"reference": Set("gone")})))


async def exchanges() -> list[tuple[httpx.Request, httpx.Response]]:
    """Make every kind of request against the sandbox."""
    sandbox = Sandbox(build_world())
    witness, known = Witness(sandbox), sandbox_account("telnyx")
    http = Http(transport=witness, timing=Clock().timing)
    api = Api(
        http,
        known.at("http://127.0.0.1"),
        Secret(known.secret),
        TELNYX.info.pace,
        TELNYX.info.secrets_in_records,
    )
    client = TELNYX.plugin.connect(api)
    await _read_all(client, sandbox)
    await _write_all(client, sandbox)
    sandbox.faults.add(parse_fault("telnyx:*:unauthorized"))
    await _quietly(client.check())
    await _quietly(anext(client.owned(OwnedQuery())))
    await http.aclose()
    return witness.seen


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\{\w+\}", "[^/]+", path))


def _path_of(raw: dict[str, Any], asked: Asked) -> str:
    """Return the path of the document that a request means; fixed ones come before others."""
    wanted = asked.path.removeprefix("/telnyx")
    fitting = [path for path in raw["paths"] if _pattern(path).fullmatch(wanted)]
    return min(fitting, key=lambda path: path.count("{"))


async def test_our_requests_and_the_sandboxs_answers_fit_the_document():
    raw = document()
    openapi_core = pytest.importorskip("openapi_core")
    spec = openapi_core.OpenAPI.from_dict(raw)
    operations, statuses = set(), set()
    for request, response in await exchanges():
        asked, answered = Asked(request), Answered(response)
        path = _path_of(raw, asked)
        operation = raw["paths"][path][asked.method]
        operations.add((asked.method, path))
        statuses.add(answered.status_code)
        spec.validate_request(asked)
        spec.validate_response(asked, answered)
        # The document lets an unknown filter pass, and the provider overlooks it in silence.
        known = {one["name"] for one in operation.get("parameters", ()) if one["in"] == "query"}
        assert set(request.url.params) <= known, path
    described = {
        (method, path)
        for path, item in raw["paths"].items()
        for method in item
        if method in ("get", "post", "patch", "delete") and not path.startswith(NOT_ASKED)
    }
    described |= {("patch", "/phone_numbers/{id}/messaging")}
    # Papers are handed in at Telnyx.
    assert operations == described - {("patch", "/number_orders/{number_order_id}")}
    assert {200, 401, 404, 422} <= statuses


def test_the_document_is_not_so_lenient_that_it_passes_everything():
    raw = document()
    openapi_core = pytest.importorskip("openapi_core")
    spec = openapi_core.OpenAPI.from_dict(raw)
    at = f"{BASE}/telnyx"
    wrong = [
        httpx.Request("GET", f"{at}/phone_numbers?page[size]=251"),
        httpx.Request("GET", f"{at}/phone_numbers?sort=colour"),
        httpx.Request("GET", f"{at}/available_phone_numbers?filter[phone_number_type]=landline"),
        httpx.Request("PATCH", f"{at}/phone_numbers/1/voice", json={"call_forwarding": "x"}),
        httpx.Request("POST", f"{at}/number_orders", json={"phone_numbers": [{}]}),
    ]
    for request in wrong:
        with pytest.raises(openapi_core.exceptions.OpenAPIError):
            spec.validate_request(Asked(request))
