"""Twilio's own document judges our requests and the sandbox's answers, where it is at hand."""

import copy
import json
import os
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.contract.cases import TWILIO
from tests.contract.conftest import sandbox_account
from tests.contract.document import VARIABLE
from tests.contract.test_vonage_document import Answered, Asked, Witness
from tui_numbers.domain.accounts import Secret
from tui_numbers.domain.changes import CLEAR, Change, Set
from tui_numbers.domain.e164 import E164
from tui_numbers.domain.numbers import AvailableNumber
from tui_numbers.domain.query import Match, OwnedQuery, StockQuery
from tui_numbers.providers.contract import Provider
from tui_numbers.providers.http import Api, Http
from tui_numbers.sandbox.app import Sandbox, build_world
from tui_numbers.testing import Clock

DOCUMENT = "twilio-numbers.json"
BASE = "https://twilio.example"
ACCOUNT = "/2010-04-01/Accounts/{AccountSid}"
EMPTIED = ("TrunkSid", "VoiceApplicationSid", "SmsApplicationSid")
"""Fields that an update empties; the document has no other way, and its pattern refuses it."""
NOT_ASKED = {
    ("get", "/2010-04-01/Accounts.json"): "its record holds an auth token",
    ("get", "/2010-04-01/Accounts/{Sid}.json"): "its record holds an auth token",
    ("get", f"{ACCOUNT}/AvailablePhoneNumbers.json"): "a country is asked for by name",
    ("get", f"{ACCOUNT}/AvailablePhoneNumbers/{{CountryCode}}/MachineToMachine.json"): "no type",
    ("get", f"{ACCOUNT}/AvailablePhoneNumbers/{{CountryCode}}/Voip.json"): "no type of ours",
    ("get", "/v1/PhoneNumbers/Countries"): "a country is asked for by name",
    ("post", "/v1/Services/{ServiceSid}/PhoneNumbers"): "services are joined at Twilio",
    ("get", "/v1/Services/{ServiceSid}/PhoneNumbers/{Sid}"): "one listing tells of all",
    ("delete", "/v1/Services/{ServiceSid}/PhoneNumbers/{Sid}"): "services are left at Twilio",
    ("get", "/v1/Events"): "History tells what was done from here",
    ("get", "/v1/Events/{Sid}"): "History tells what was done from here",
    ("post", "/v2/PhoneNumbers/{PhoneNumber}"): "regions are moved at Twilio",
    ("get", "/v2/HostedNumber/Orders"): "numbers are hosted at Twilio",
    ("get", "/v2/RegulatoryCompliance/Regulations"): "bundles are made at Twilio",
    ("get", "/v1/Trunks/{TrunkSid}/PhoneNumbers/{Sid}"): "the number's record tells its trunk",
    ("delete", "/v1/Trunks/{TrunkSid}/PhoneNumbers/{Sid}"): "one update empties the trunk",
    ("post", "/v1/Trunks/{TrunkSid}/PhoneNumbers"): "one update sets the trunk",
    ("get", "/v1/Trunks/{TrunkSid}/PhoneNumbers"): "the number's record tells its trunk",
}
"""What the document describes and the client has no use for, and why."""


WRITTEN_AS_TEXT = ("base_price", "current_price")
"""Numbers by the schema of the price list, and texts in its own example, as the sandbox has it."""


def document() -> dict[str, Any]:
    """Return the document with every host below one address, and without its security scheme."""
    folder = os.environ.get(VARIABLE)
    if not folder:
        pytest.skip(f"{VARIABLE} names no folder that holds {DOCUMENT}")
    loaded: dict[str, Any] = json.loads((Path(folder) / DOCUMENT).read_text("utf-8"))
    loaded.pop("security", None)
    loaded["components"].pop("securitySchemes", None)
    loaded["servers"] = [{"url": BASE}]
    for item in loaded["paths"].values():
        host = item["servers"][0]["url"].removeprefix("https://").removesuffix(".twilio.com")
        item["servers"] = [{"url": f"{BASE}/twilio/{host}"}]
        for operation in item.values():
            if isinstance(operation, dict):
                operation.pop("security", None)
    price_list = loaded["components"]["schemas"][
        "pricing.v1.phone_number.phone_number_country-instance"
    ]
    for name in WRITTEN_AS_TEXT:
        del price_list["properties"]["phone_number_prices"]["items"]["properties"][name]["type"]
    return loaded


async def _read_all(client: Provider) -> None:
    kinds = [frozenset(), *(frozenset({kind}) for kind in ("local", "mobile", "toll_free"))]
    for types in kinds:
        assert [page async for page in client.owned(OwnedQuery(types=types))]
    searches = [StockQuery("US"), *(StockQuery("AU", kind) for kind in TWILIO.info.types)]
    searches += [StockQuery("GB", "local", pattern="4420", match=match) for match in Match]
    searches += [StockQuery("US", "local", frozenset({"voice", "sms", "mms"}), place="Boston")]
    for search in searches:
        assert [page async for page in client.available(search)]
    assert [page async for page in client.targets()]
    assert (await client.check()).balance is not None


async def _write_all(client: Provider, sandbox: Sandbox) -> None:
    number = await client.find(E164(TWILIO.ordinary(sandbox.world)))
    assert number is not None
    for key, text in TWILIO.values(sandbox.world).items():
        await client.update(number, Change({key: Set(text)}))
    for spec in TWILIO.info.settings:
        if spec.clearable:
            await client.update(number, Change({spec.key: CLEAR}))
    assert await client.find(number.number, number) is not None
    await client.decided_elsewhere(number)
    wanted = next(sandbox.world.stock.available("twilio", "GB", "local"))
    stock = AvailableNumber(
        "x", "twilio", E164(wanted.number), "GB", "local", (), address_requirement="any"
    )
    choices = {key: await client.buy_choices(key, stock) for key in ("address", "bundle")}
    extras = {key: found[0].value for key, found in choices.items()}
    await client.buy(stock, None, extras)
    await client.release(number)


async def exchanges() -> list[tuple[httpx.Request, httpx.Response]]:
    """Make every kind of request against the sandbox."""
    sandbox = Sandbox(build_world())
    witness, known = Witness(sandbox), sandbox_account("twilio")
    http = Http(transport=witness, timing=Clock().timing)
    api = Api(http, known.at(BASE), Secret(known.secret), TWILIO.info.pace)
    client = TWILIO.plugin.connect(api)
    await _read_all(client)
    await _write_all(client, sandbox)
    await http.aclose()
    return witness.seen


def _as_documented(request: httpx.Request) -> httpx.Request:
    """Leave out what an update empties, which the document's own patterns refuse."""
    if request.method != "POST":
        return request
    pairs = [pair for pair in request.content.decode().split("&") if pair]
    kept = [pair for pair in pairs if pair.partition("=")[1:] != ("=", "")]
    assert {pair.removesuffix("=") for pair in pairs if pair not in kept} <= {
        *EMPTIED, "VoiceUrl", "SmsUrl", "VoiceFallbackUrl", "SmsFallbackUrl", "StatusCallback"
    }  # fmt: skip
    shown = copy.copy(request)
    shown._content = "&".join(kept).encode()
    return shown


def _operation(raw: dict[str, Any], request: httpx.Request) -> tuple[str, str]:
    """Return the operation of the document that a request is one of."""
    path = request.url.path.removeprefix("/twilio/").partition("/")[2]
    for known in sorted(raw["paths"], key=lambda known: known.count("{")):
        parts, asked = known.strip("/").split("/"), path.split("/")
        if len(parts) == len(asked) and all(map(_fits, parts, asked)):
            return request.method.lower(), known
    raise AssertionError(f"no operation for {path}")


def _fits(part: str, text: str) -> bool:
    start, brace, rest = part.partition("{")
    return (
        text.startswith(start) and text.endswith(rest.partition("}")[2]) if brace else part == text
    )


async def test_our_requests_and_the_sandboxs_answers_fit_the_document():
    raw = document()
    openapi_core = pytest.importorskip("openapi_core")
    spec = openapi_core.OpenAPI.from_dict(raw)
    operations = set()
    for request, response in await exchanges():
        asked, answered = Asked(_as_documented(request)), Answered(response)
        asked.host_url = BASE
        spec.validate_request(asked)
        operation = _operation(raw, request)
        operations.add(operation)
        method, path = operation
        if str(answered.status_code) in raw["paths"][path][method]["responses"]:
            spec.validate_response(asked, answered)
        else:
            # No error answer stands in the document.
            assert answered.status_code == 404
    described = {
        (method, path)
        for path, item in raw["paths"].items()
        for method in item
        if method in ("get", "post", "delete")
    }
    assert described - operations == set(NOT_ASKED)


def test_every_parameter_that_is_sent_stands_in_the_document():
    raw = document()
    update = raw["paths"][f"{ACCOUNT}/IncomingPhoneNumbers/{{Sid}}.json"]["post"]
    form = update["requestBody"]["content"]["application/x-www-form-urlencoded"]["schema"]
    from tui_numbers.providers.twilio.info import BUY_NAMES, WIRE_NAMES

    assert {*WIRE_NAMES.values(), *BUY_NAMES.values()} <= set(form["properties"])


def test_the_document_is_not_so_lenient_that_it_passes_everything():
    raw = document()
    openapi_core = pytest.importorskip("openapi_core")
    spec = openapi_core.OpenAPI.from_dict(raw)
    account = f"{BASE}/twilio/api/2010-04-01/Accounts/AC{'0' * 32}"
    wrong = [
        httpx.Request("GET", f"{account}/IncomingPhoneNumbers.json?PageSize=1001"),
        httpx.Request("GET", f"{account}/IncomingPhoneNumbers.json?Beta=perhaps"),
        httpx.Request(
            "POST", f"{account}/IncomingPhoneNumbers/PN{'0' * 32}.json", data={"TrunkSid": ""}
        ),
        httpx.Request("GET", f"{BASE}/twilio/messaging/v1/Servants"),
    ]
    for request in wrong:
        asked = Asked(request)
        asked.host_url = BASE
        with pytest.raises(openapi_core.exceptions.OpenAPIError):
            spec.validate_request(asked)
