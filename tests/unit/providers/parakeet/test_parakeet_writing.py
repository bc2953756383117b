import json
from typing import Any

import httpx
import pytest

from tests.unit.providers.parakeet.helpers import (
    ID,
    NUMBER,
    TEAM,
    USER,
    account,
    asked,
    owned,
    record,
)
from tui_numbers.domain.changes import CLEAR, Change, Set
from tui_numbers.domain.e164 import E164
from tui_numbers.domain.numbers import AvailableNumber, Target
from tui_numbers.providers.errors import (
    BadReply,
    ConfigurationProblem,
    NoAnswer,
    NotFound,
    NotOffered,
    ProviderError,
    RateLimited,
    Rejected,
    ServerFault,
)

TO_USER = Change({"target": Set(f"user:{USER}")})
STOCK = AvailableNumber("uk-sms", "parakeet", NUMBER, "US", "local", ())


async def test_update_sends_the_target_alone() -> None:
    client, at = account([record(target_type="user", target={"id": USER})])
    await client.update(owned(), TO_USER)
    assert asked(at) == [f"POST /numbers/{ID}"]
    assert json.loads(at.wire.requests[0].content) == {"target": USER}
    assert client.warnings(owned(), TO_USER) == ()


async def test_an_empty_change_sends_nothing() -> None:
    client, at = account([])
    await client.update(owned(), Change({}))
    assert at.wire.requests == []


@pytest.mark.parametrize("key", [None, "", "AC1", "PN", "PN1/../x", "PN1?x", "numbers", " PN1"])
async def test_nothing_is_written_without_an_identifier(key: str | None) -> None:
    client, at = account([])
    for write in (client.update(owned(id=key), TO_USER), client.release(owned(id=key))):
        with pytest.raises(ConfigurationProblem) as caught:
            await write
        assert not caught.value.may_have_applied
    assert at.wire.requests == []


@pytest.mark.parametrize(
    "change",
    [
        {"target": CLEAR},
        {"friendly": Set("x")},
        {"target": Set("phone:+442079460000")},
        {"target": Set("user:")},
        {"target": Set(f"user:{TEAM}")},
        {"target": Set("team:TM1/x")},
    ],
)
async def test_what_no_document_knows_is_not_sent(change: dict[str, Any]) -> None:
    client, at = account([])
    with pytest.raises(NotOffered):
        await client.update(owned(), Change(change))
    assert at.wire.requests == []


async def test_buy_sends_number_and_target() -> None:
    client, at = account([httpx.Response(201, json=record())])
    bought = await client.buy(STOCK, Target("team", TEAM))
    assert bought.status == "active"
    assert asked(at) == ["POST /numbers"]
    assert json.loads(at.wire.requests[0].content) == {"number": NUMBER, "target": TEAM}


async def test_buy_needs_a_target() -> None:
    client, at = account([])
    with pytest.raises(NotOffered):
        await client.buy(STOCK, None)
    assert at.wire.requests == []


async def test_release_reads_no_body() -> None:
    client, at = account([httpx.Response(204, headers={"Content-Type": "application/json"})])
    await client.release(owned())
    assert asked(at) == [f"DELETE /numbers/{ID}"]


async def test_every_write_is_sent_as_json_as_the_document_has_it() -> None:
    client, at = account([record(), record(), httpx.Response(204)])
    await client.update(owned(), TO_USER)
    await client.buy(STOCK, Target("team", TEAM))
    await client.release(owned())
    kinds = [request.headers["content-type"] for request in at.wire.requests]
    assert kinds == ["application/json"] * 3
    assert at.wire.requests[2].content == b""


async def test_a_page_of_html_is_no_release() -> None:
    client, _ = account([httpx.Response(200, content=b"<html>log in</html>")])
    with pytest.raises(BadReply):
        await client.release(owned())


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200, content=b""),
        httpx.Response(200, content=b"<html>"),
        httpx.Response(200, content=b'{"id": "PN1", "numb'),
        httpx.Response(200, json={"error": "odd"}),
        httpx.Response(200, json=[record()]),
        httpx.Response(200, json=record(number=None)),
        httpx.Response(200, json=record(number="+13105550199")),
    ],
)
async def test_an_acceptance_that_cannot_be_read_may_have_applied(answer: httpx.Response) -> None:
    client, at = account([answer, answer])
    for write in (client.update(owned(), TO_USER), client.buy(STOCK, Target("user", USER))):
        with pytest.raises(BadReply) as caught:
            await write
        assert caught.value.may_have_applied
        assert caught.value.account == "uk-sms"
    assert len(at.wire.requests) == 2


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (httpx.Response(422, json={"error": "taken"}), Rejected),
        (httpx.Response(404), NotFound),
        (httpx.Response(429), RateLimited),
        (httpx.Response(500), ServerFault),
        (httpx.Response(503), ServerFault),
        (httpx.Response(302, headers={"Location": "https://x.example"}), BadReply),
        (httpx.ReadTimeout("slow"), NoAnswer),
    ],
)
async def test_a_write_is_sent_once(answer: Any, error: type[ProviderError]) -> None:
    client, at = account([answer])
    with pytest.raises(error) as caught:
        await client.update(owned(), TO_USER)
    assert caught.value.account == "uk-sms"
    assert len(at.wire.requests) == 1


async def test_a_new_team_is_learnt_from_the_answer() -> None:
    client, _ = account([record(target={"id": "TM9"}, name="New"), [], []])
    await client.update(owned(), Change({"target": Set("team:TM9")}))
    options = [each async for page in client.targets() for each in page.items]
    assert [option.target.text for option in options] == ["team:TM9"]


def test_a_stock_number_keeps_its_plus() -> None:
    assert STOCK.number == E164("+13105550142")
