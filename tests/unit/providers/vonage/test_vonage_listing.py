import httpx
import pytest

from tests.unit.providers.vonage.helpers import (
    APP,
    NUMBER,
    OTHER_APP,
    collect,
    found,
    into,
    listed,
    query_of,
    record,
    vonage,
)
from tui_numbers.domain.e164 import E164
from tui_numbers.domain.numbers import Channel, Target
from tui_numbers.domain.query import Match, OwnedQuery, StockQuery, TargetPattern, Total
from tui_numbers.providers.errors import BadReply, ListingIncomplete


def book(count, *, said=None):
    """Answer pages of a list of ``count`` numbers; ``said`` gives another count by page."""

    def answer(request):
        query = query_of(request)
        size, index = int(query.get("size", 10)), int(query.get("index", 1))
        rows = range((index - 1) * size, min(index * size, count))
        total = count if said is None else said(index)
        body = listed(*(record(f"4477{row:08d}") for row in rows)) | {"count": total}
        return httpx.Response(200, json={key: value for key, value in body.items() if value})

    return answer


async def test_every_page_is_asked_for_once():
    client, opened = vonage(book(1_201))
    pages = await collect(client.owned(OwnedQuery()))
    numbers = [item.number for page in pages for item in page.items]
    assert len(numbers) == len(set(numbers)) == 1_201
    indices = sorted(int(query_of(request)["index"]) for request in opened.wire.requests)
    assert indices == list(range(1, 14))
    assert {query_of(request)["size"] for request in opened.wire.requests} == {"100"}


@pytest.mark.parametrize("body", [{}, {"count": 0, "numbers": []}, {"numbers": None}])
async def test_empty_is_no_error(body):
    client, opened = vonage([body])
    (page,) = await collect(client.owned(OwnedQuery()))
    assert (page.items, page.total) == ((), Total(0))
    assert len(opened.wire.requests) == 1
    client, _ = vonage([body])
    assert await client.find(NUMBER) is None
    client, _ = vonage([body])
    (stock,) = await collect(client.available(StockQuery("GB")))
    assert stock.items == ()


async def test_without_a_count_pages_are_read_until_one_is_empty():
    client, opened = vonage(book(250, said=lambda _: None))
    pages = await collect(client.owned(OwnedQuery()))
    assert sum(len(page.items) for page in pages) == 250
    assert len(opened.wire.requests) == 4


async def incomplete(client):
    pages = []

    async def read():
        async for page in client.owned(OwnedQuery()):
            pages.append(page)  # noqa: PERF401 - what came before the failure counts too

    with pytest.raises(ListingIncomplete) as failure:
        await read()
    assert failure.value.account == "uk-sms"
    return [item.number for page in pages for item in page.items]


async def test_a_total_that_moves_is_told_after_everything_was_yielded():
    client, _ = vonage(book(250, said=lambda index: 250 if index < 3 else 251))
    assert len(await incomplete(client)) == 250


async def test_a_list_that_ends_early_is_incomplete():
    client, _ = vonage(book(150, said=lambda _: 250))
    assert len(await incomplete(client)) == 150


async def test_a_repeated_number_is_yielded_once_and_told():
    same = book(100, said=lambda _: 200)
    client, _ = vonage(
        lambda request: same(
            httpx.Request("GET", request.url.copy_set_param("index", "1"), headers={})
        )
    )
    numbers = await incomplete(client)
    assert len(numbers) == len(set(numbers)) == 100


async def test_records_that_cannot_be_shown_still_count():
    client, _ = vonage([listed(record(), record("x"), count=2)])
    (page,) = await collect(client.owned(OwnedQuery()))
    assert (len(page.items), page.dropped, page.total) == (1, 1, Total(2))


@pytest.mark.parametrize(
    ("query", "sent"),
    [
        (OwnedQuery(), {}),
        (
            OwnedQuery(country="ES", types=frozenset({"local"}), statuses=frozenset({"active"})),
            {"country": "ES"},
        ),
        (OwnedQuery(target=TargetPattern("application", APP)), {"application_id": APP}),
        (OwnedQuery(target=TargetPattern("application")), {"has_application": "true"}),
        (OwnedQuery(linked=TargetPattern("application")), {"has_application": "true"}),
        (OwnedQuery(linked=TargetPattern("application", APP)), {"application_id": APP}),
        (OwnedQuery(not_linked=TargetPattern("application")), {"has_application": "false"}),
        (OwnedQuery(not_linked=TargetPattern("application", APP)), {}),
        (OwnedQuery(linked=TargetPattern("phone")), {}),
        (OwnedQuery(not_linked=TargetPattern("sip")), {}),
        (OwnedQuery(unrouted=True), {}),
        (OwnedQuery(target=TargetPattern("phone", "+447700900556")), {}),
    ],
)
async def test_filters_that_the_list_takes(query, sent):
    client, opened = vonage([{}])
    await collect(client.owned(query))
    assert query_of(opened.wire.requests[0]) == {"size": "100", "index": "1"} | sent


async def test_finding_compares_exactly():
    client, opened = vonage([listed(record("4477009005551"), record("447700900555"))])
    number = await client.find(NUMBER)
    assert number is not None
    assert number.number == NUMBER
    assert query_of(opened.wire.requests[0]) == {
        "pattern": "447700900555",
        "search_pattern": "1",
        "size": "100",
        "index": "1",
    }


async def test_longer_numbers_alone_are_nothing():
    client, _ = vonage([listed(record("4477009005551"), record("1447700900555"))])
    assert await client.find(NUMBER) is None


async def test_records_that_cannot_be_read_prove_no_absence():
    client, _ = vonage([listed(record("4477009005551"), None, 7)])
    with pytest.raises(ListingIncomplete, match="2 record"):
        await client.find(NUMBER)
    client, _ = vonage([listed(record(), None)])
    assert await client.find(NUMBER) is not None


@pytest.mark.parametrize("cap", [1, 2, 45])
async def test_finding_reads_on_where_fewer_came_than_were_asked_for(cap):
    rows = [*(record(f"447700900555{row:02d}") for row in range(cap)), record()]

    def answer(request):
        index = int(query_of(request)["index"])
        return httpx.Response(200, json={"numbers": rows[(index - 1) * cap : index * cap]})

    client, _ = vonage(answer)
    assert await client.find(NUMBER) is not None
    assert await client.find(E164("+4477009005")) is None


async def test_a_number_is_found_on_a_server_that_has_one_page_alone():
    client, _ = vonage(lambda _: httpx.Response(200, json={"numbers": [record()]}))
    assert await client.find(NUMBER) is not None


async def test_finding_reads_on_where_many_contain_the_digits():
    longer = [record(f"447700900555{row:03d}") for row in range(100)]
    pages = [listed(*longer, count=101), listed(record(), count=101)]
    client, opened = vonage(pages)
    assert await client.find(NUMBER) is not None
    assert [query_of(request)["index"] for request in opened.wire.requests] == ["1", "2"]


async def test_two_equal_numbers_are_refused():
    client, _ = vonage([listed(record(), record(country="IE"))])
    with pytest.raises(ListingIncomplete, match="2 times"):
        await client.find(NUMBER)


@pytest.mark.parametrize("body", [[], "x", 3, None, {"numbers": {"a": 1}}])
async def test_json_of_another_shape(body):
    client, _ = vonage([httpx.Response(200, json=body)])
    with pytest.raises(BadReply):
        await collect(client.owned(OwnedQuery()))


FEATURES = {
    ("sms",): "SMS",
    ("voice",): "VOICE",
    ("mms",): "MMS",
    ("voice", "sms"): "SMS,VOICE",
    ("mms", "sms"): "SMS,MMS",
    ("mms", "voice"): "VOICE,MMS",
    ("voice", "sms", "mms"): "SMS,MMS,VOICE",
}


@pytest.mark.parametrize(("words", "sent"), FEATURES.items())
async def test_features_in_the_order_of_the_api(words, sent):
    client, opened = vonage([{}])
    await collect(client.available(StockQuery("GB", capabilities=frozenset(words))))
    assert query_of(opened.wire.requests[0])["features"] == sent


@pytest.mark.parametrize(
    ("query", "sent"),
    [
        (StockQuery("GB"), {}),
        (StockQuery("GB", type="local"), {"type": "landline"}),
        (StockQuery("GB", type="mobile"), {"type": "mobile-lvn"}),
        (StockQuery("GB", type="toll_free"), {"type": "landline-toll-free"}),
        (StockQuery("GB", pattern="2020"), {"pattern": "2020", "search_pattern": "1"}),
        (
            StockQuery("GB", pattern="ABBA", match=Match.ENDS),
            {"pattern": "2222", "search_pattern": "2"},
        ),
        (
            StockQuery("GB", pattern="+44 20", match=Match.STARTS),
            {"pattern": "4420", "search_pattern": "0"},
        ),
        (StockQuery("GB", capabilities=frozenset({"fax"})), {}),
    ],
)
async def test_searches(query, sent):
    client, opened = vonage([{}])
    await collect(client.available(query))
    base = {"country": "GB", "size": "100", "index": "1"}
    assert query_of(opened.wire.requests[0]) == base | sent


async def test_a_type_that_vonage_does_not_have_is_not_asked_for():
    client, opened = vonage([])
    (page,) = await collect(client.available(StockQuery("GB", type="national")))
    assert (page.items, page.total) == ((), Total(0))
    assert opened.wire.requests == []


async def test_stock_is_fetched_as_it_is_asked_for():
    client, opened = vonage(book(45_000))
    pages = client.available(StockQuery("GB"))
    first = await anext(pages)
    assert (len(first.items), first.total) == (100, Total(45_000))
    assert len(opened.wire.requests) == 1
    await anext(pages)
    assert len(opened.wire.requests) == 2
    await pages.aclose()


async def test_stock_that_moves_shows_no_number_twice():
    first = [record(f"4477{row:08d}") for row in range(100)]
    second = [record("447700000099"), record("447700000100")]
    client, _ = vonage([listed(*first, count=102), listed(*second, count=102)])
    pages = await collect(client.available(StockQuery("GB")))
    assert [len(page.items) for page in pages] == [100, 1]


@pytest.mark.parametrize(
    "rows", [(1, 1), (1, 2, 1, 3), (*range(40), *range(40))], ids=["both", "apart", "half a page"]
)
async def test_a_stock_number_twice_on_one_page_is_shown_once(rows):
    client, _ = vonage([listed(*(record(f"4477{row:08d}") for row in rows))])
    (page,) = await collect(client.available(StockQuery("GB")))
    assert [item.number for item in page.items] == [
        f"+4477{row:08d}" for row in dict.fromkeys(rows)
    ]


@pytest.mark.parametrize("size", [3, 45, 100])
async def test_stock_whose_pages_repeat_is_incomplete(size):
    rows = [record(f"4477{row:08d}") for row in range(size)]
    client, opened = vonage(lambda _: httpx.Response(200, json=listed(*rows, count=2 * size)))
    numbers = []
    with pytest.raises(ListingIncomplete, match="same records again"):
        await into(numbers, client.available(StockQuery("GB")))
    assert len(numbers) == size
    assert len(opened.wire.requests) == 2


@pytest.mark.parametrize("cap", [1, 45, 99])
async def test_a_server_with_shorter_pages_than_asked_is_read_to_the_end(cap):
    rows = [record(f"4477{row:08d}") for row in range(120)]

    def answer(request):
        index = int(query_of(request)["index"])
        return httpx.Response(200, json=listed(*rows[(index - 1) * cap : index * cap], count=120))

    for asking in ("owned", "available"):
        client, _ = vonage(answer)
        query = OwnedQuery() if asking == "owned" else StockQuery("GB")
        pages = await collect(getattr(client, asking)(query))
        assert len({item.number for page in pages for item in page.items}) == 120


async def test_the_price_of_stock_is_the_rent_in_euros():
    client, _ = vonage([listed(record(cost="1.00", initialPrice="5.00"), record("44", cost="1"))])
    (page,) = await collect(client.available(StockQuery("US")))
    (number,) = page.items
    assert str(number.monthly_cost) == "EUR 1.00"
    assert number.setup_cost is None


THIRD_APP = "77777777-1111-4222-8333-444444444444"


def application(value, *capabilities, name="Support IVR"):
    return {"id": value, "name": name, "capabilities": {word: {} for word in capabilities}}


async def test_applications_with_what_they_can_take():
    embedded = [
        application(APP, "voice", "messages", name="Both"),
        application(OTHER_APP, "messages", name="Texts"),
        application("00000000-0000-4000-8000-000000000000", "rtc", "vbc"),
        {"name": "no id"},
    ]
    body = {"total_pages": 2, "_embedded": {"applications": embedded}}
    last = {"total_pages": 2, "_embedded": {"applications": [application(THIRD_APP, "voice")]}}
    client, opened = vonage([body, last])
    pages = await collect(client.targets())
    options = [option for page in pages for option in page.items]
    assert [(option.target.label, option.channels) for option in options] == [
        ("Both", (Channel.VOICE, Channel.SMS)),
        ("Texts", (Channel.SMS,)),
        ("Support IVR", ()),
        ("Support IVR", (Channel.VOICE,)),
    ]
    assert options[0].target == Target("application", APP)
    assert "identifier" in pages[0].warnings[0]
    assert [query_of(request) for request in opened.wire.requests] == [
        {"page_size": "100", "page": "1"},
        {"page_size": "100", "page": "2"},
    ]


def application_ids(count):
    return [f"00000000-1111-4222-8333-{index:012d}" for index in range(count)]


@pytest.mark.parametrize(("held", "total"), [(3, 10), (2, 4), (100, 300)])
@pytest.mark.parametrize("told", ["total_items", "total_pages", "both", "neither"])
async def test_applications_whose_pages_repeat_are_incomplete(held, total, told):
    rows = [application(value, "voice") for value in application_ids(held)]
    totals = {"total_items": total, "total_pages": -(-total // held)}
    said = {key: value for key, value in totals.items() if told in (key, "both")}
    body = {"_embedded": {"applications": rows}} | said
    client, opened = vonage(lambda _: httpx.Response(200, json=body))
    options = []
    with pytest.raises(ListingIncomplete, match="same records again"):
        await into(options, client.targets())
    assert len(options) == held
    assert len(opened.wire.requests) == 2


@pytest.mark.parametrize("cap", [1, 3, 7])
async def test_applications_behind_a_limit_are_all_listed(cap):
    rows = [application(value, "voice") for value in application_ids(10)]

    def answer(request):
        page = int(query_of(request)["page"])
        shown = rows[(page - 1) * cap : page * cap]
        return httpx.Response(200, json={"_embedded": {"applications": shown}, "total_items": 10})

    client, _ = vonage(answer)
    pages = await collect(client.targets())
    assert sum(len(page.items) for page in pages) == 10


async def test_an_application_that_comes_twice_is_offered_once():
    rows = [application(APP, "voice"), application(APP, "voice"), application(OTHER_APP, "voice")]
    client, _ = vonage([{"_embedded": {"applications": rows}, "total_pages": 1}])
    (page,) = await collect(client.targets())
    assert [option.target.value for option in page.items] == [APP, OTHER_APP]


async def test_applications_for_a_number_that_carries_voice_alone():
    number = await found({"features": ["VOICE"]})
    embedded = [application(APP, "voice"), application(OTHER_APP, "messages")]
    client, _ = vonage([{"total_items": 2, "_embedded": {"applications": embedded}}])
    (page,) = await collect(client.targets(number))
    assert [option.target.value for option in page.items] == [APP]


@pytest.mark.parametrize("body", [{}, {"_embedded": {}}, {"_embedded": None, "total_pages": 3}])
async def test_no_applications(body):
    client, opened = vonage([body])
    (page,) = await collect(client.targets())
    assert page.items == ()
    assert len(opened.wire.requests) == 1


async def test_a_number_is_never_read_as_an_integer():
    client, _ = vonage([listed(record("39061234567"))])
    (page,) = await collect(client.owned(OwnedQuery()))
    assert page.items[0].number == E164("+39061234567")


@pytest.mark.parametrize(
    "body", [{"count": 1}, {"count": 2, "numbers": [record("4477009005551")]}, {"count": 1_000}]
)
async def test_what_did_not_come_proves_no_absence(body):
    client, opened = vonage(lambda _: httpx.Response(200, json=body))
    with pytest.raises(ListingIncomplete):
        await client.find(NUMBER)
    assert len(opened.wire.requests) < 20


@pytest.mark.parametrize("body", [{"message": "down"}, {"ok": True}])
async def test_an_object_about_something_else_is_no_empty_list(body):
    client, _ = vonage(lambda _: httpx.Response(200, json=body))
    for asking in (
        client.find(NUMBER),
        collect(client.owned(OwnedQuery())),
        collect(client.targets()),
    ):
        with pytest.raises(BadReply):
            await asking
