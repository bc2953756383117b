import json
from typing import Any

import httpx
import pytest

from tests.unit.providers.fonedynamics.helpers import (
    NUMBER,
    PROPERTY,
    account,
    asked,
    failure,
    owned,
    record,
)
from tui_numbers.domain.changes import CLEAR, Change, Set
from tui_numbers.domain.numbers import AvailableNumber
from tui_numbers.providers.errors import (
    BadReply,
    ConfigurationProblem,
    NoAnswer,
    NotFound,
    NotOffered,
    Rejected,
    ServerFault,
)

LABEL = Change({"friendly": Set("New")})
STOCK = AvailableNumber("uk-sms", "fonedynamics", NUMBER, "AU", None, ())


@pytest.mark.parametrize(
    ("edits", "body"),
    [
        ({"friendly": "New"}, {"Friendly": "New"}),
        ({"recording": "call"}, {"Recording": "Call"}),
        (
            {"voice": "phone:+61491570156"},
            {"RoutingMethod": "Endpoint", "EndpointNumber": "+61491570156"},
        ),
        ({"voice": "flow:a:b"}, {"RoutingMethod": "Flow", "Flow": "a:b"}),
        (
            {"attribution_source": "a", "attribution_medium": "b"},
            {"Attribution_Source": "a", "Attribution_Medium": "b"},
        ),
        (
            {"attribution_campaign": "a", "attribution_content": "b"},
            {"Attribution_Campaign": "a", "Attribution_Content": "b"},
        ),
        (
            {"address": "D1", "sms_from": "Desk", "sms_to": "+61491570156"},
            {"AddressSid": "D1", "SendSmsFrom": "Desk", "SendSmsTo": "+61491570156"},
        ),
        (
            {"email_from": "a@example.com", "email_to": "b@example.com"},
            {"SendEmailFrom": "a@example.com", "SendEmailTo": "b@example.com"},
        ),
    ],
)
async def test_update_sends_what_changes_and_nothing_else(
    edits: dict[str, str], body: dict[str, str]
) -> None:
    client, at = account([{"Number": record()}])
    await client.update(
        owned(RoutingMethod="Flow"), Change({key: Set(text) for key, text in edits.items()})
    )
    assert asked(at) == ["POST /Numbers/61255501234"]
    assert json.loads(at.wire.requests[0].content) == body


@pytest.mark.parametrize(
    "edits",
    [
        {"friendly": CLEAR},
        {"friendly": Set("")},
        {"voice": CLEAR},
        {"voice": Set("flow:")},
        {"voice": Set("phone:0255501234")},
        {"voice": Set("user:US1")},
        {"recording": Set("Off")},
        {"target": Set("x")},
        {"friendly": Set("New"), "email_to": CLEAR},
    ],
)
async def test_what_no_document_knows_is_not_sent(edits: dict[str, Any]) -> None:
    client, at = account([])
    with pytest.raises(NotOffered) as caught:
        await client.update(owned(), Change(edits))
    assert caught.value.account == "uk-sms"
    assert at.wire.requests == []


async def test_an_empty_change_sends_nothing() -> None:
    client, at = account([])
    await client.update(owned(), Change({}))
    assert at.wire.requests == []


@pytest.mark.parametrize("content", [b"", b"{}", b'"done"', b'{"ResponseStatus": {}}'])
async def test_any_json_and_nothing_accept_an_update(content: bytes) -> None:
    client, _ = account([httpx.Response(200, content=content)])
    await client.update(owned(), LABEL)


@pytest.mark.parametrize(
    ("answer", "error", "applied"),
    [
        (httpx.Response(200, content=b"<html>"), BadReply, True),
        (httpx.Response(200, content=b'{"Number": {"Numb'), BadReply, True),
        ({"Number": record(Number="+61255501235")}, BadReply, True),
        (failure("PARAMETER_REQUIRED", "x", 200), Rejected, False),
        (failure("NUMBER_NOT_FOUND"), NotFound, False),
        (httpx.Response(500, content=b"<html>"), ServerFault, True),
        (httpx.Response(503), ServerFault, True),
        (httpx.ReadError("reset"), NoAnswer, True),
    ],
)
async def test_an_update_is_sent_once(answer: Any, error: type[Exception], applied: bool) -> None:
    client, at = account([answer])
    with pytest.raises(error) as caught:
        await client.update(owned(), LABEL)
    assert getattr(caught.value, "may_have_applied", None) is applied
    assert getattr(caught.value, "account", "") == "uk-sms"
    assert len(at.wire.requests) == 1


async def test_a_refusal_names_its_fields() -> None:
    client, _ = account(
        [failure("PARAMETER_REQUIRED", "Something is required.", 400, "EndpointNumber")]
    )
    with pytest.raises(Rejected, match=r"Something is required\. .* \[EndpointNumber\]") as caught:
        await client.update(owned(), LABEL)
    assert caught.value.fields == {"EndpointNumber": ""}


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        ({"Number": NUMBER, "Status": "Pending"}, "pending"),
        ({"Number": {"Number": NUMBER, "Status": "Active"}}, "active"),
        ({"Numbers": [{"Number": NUMBER}]}, None),
        ({"Number": NUMBER[1:], "Status": "Active"}, "active"),
        ({"Number": int(NUMBER), "Status": "Pending"}, "pending"),
        ({"Numbers": [{"Number": int(NUMBER)}]}, None),
    ],
)
async def test_buy_into_the_configured_property(answer: Any, status: str | None) -> None:
    client, at = account([answer], PROPERTY)
    assert (await client.buy(STOCK, None)).status == status
    assert asked(at) == [f"POST /Properties/{PROPERTY}/Numbers"]
    assert json.loads(at.wire.requests[0].content) == {"Number": NUMBER}


async def test_buy_into_the_only_project() -> None:
    projects = {"Projects": [{"PropertySid": "SA"}], "TotalCount": 1}
    client, at = account([projects, {"Number": NUMBER}])
    await client.buy(STOCK, None)
    assert asked(at)[1] == "POST /Properties/SA/Numbers"


@pytest.mark.parametrize(
    ("projects", "words"),
    [
        ([{"PropertySid": "SA", "Name": "Sales"}, {"PropertySid": "SB"}], r"SA \(Sales\), SB"),
        ([], "no project"),
    ],
)
async def test_buy_does_not_guess_a_project(projects: list[Any], words: str) -> None:
    client, at = account([{"Projects": projects, "TotalCount": len(projects)}])
    with pytest.raises(ConfigurationProblem, match=f"property_sid.*{words}"):
        await client.buy(STOCK, None)
    assert len(at.wire.requests) == 1


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200, content=b""),
        httpx.Response(200, content=b"<html>"),
        {},
        {"Status": "Active"},
        {"Number": "+61255501235", "Status": "Active"},
    ],
)
async def test_a_purchase_that_cannot_be_read_may_have_been_made(answer: Any) -> None:
    client, _ = account([answer], PROPERTY)
    with pytest.raises(BadReply) as caught:
        await client.buy(STOCK, None)
    assert caught.value.may_have_applied


def test_warnings_name_what_cannot_be_put_back() -> None:
    client, _ = account([])
    assert client.warnings(owned(), LABEL) == ()
    assert client.warnings(owned(), Change({"voice": Set("flow:x")})) == ()
    (line,) = client.warnings(owned(), Change({"address": Set("D1"), "friendly": Set("x")}))
    assert line.startswith("Address: ")


async def test_a_lost_look_at_the_projects_bought_nothing() -> None:
    client, at = account([httpx.Response(500)])
    with pytest.raises(ServerFault) as caught:
        await client.buy(STOCK, None)
    assert not caught.value.may_have_applied
    assert len(at.wire.requests) == 1


async def test_a_project_that_cannot_be_read_is_not_overlooked() -> None:
    projects = [{"PropertySid": "SA"}, {"PropertySid": "../x"}]
    client, at = account([{"Projects": projects, "TotalCount": 2}])
    with pytest.raises(ConfigurationProblem, match="1 unreadable"):
        await client.buy(STOCK, None)
    assert len(at.wire.requests) == 1
