"""One text searched by the dashboard and the command line: all that a number shows."""

from datetime import UTC, datetime, timedelta

import pytest

from tui_numbers.domain import clock
from tui_numbers.domain.e164 import E164
from tui_numbers.domain.filter_terms import HISTORY, STOCK
from tui_numbers.domain.filtering import compile_filter
from tui_numbers.domain.numbers import (
    AvailableNumber,
    Channel,
    Money,
    OwnedNumber,
    Target,
    Undisclosed,
)
from tui_numbers.domain.operations import Action, Actor, Operation, Outcome
from tui_numbers.providers.registry import load_registry
from tui_numbers.wording.search_text import OwnedText, operation_text, owned_values, stock_text

INFOS = {
    account: load_registry().plugins[provider].info
    for account, provider in (
        ("uk", "vonage"),
        ("us", "parakeet"),
        ("au", "fonedynamics"),
        ("eu", "telnyx"),
    )
}
AREAS = {"+12015550111": "New Jersey", "+442890180236": "Belfast"}
APP = "00000000-1111-4222-8333-444444444444"
DESK = Target("phone", "+442079460999")


def owned(**changes):
    values = {
        "account": "uk",
        "provider": "vonage",
        "id": "1",
        "number": E164("+442890180236"),
        "country": "GB",
        "type": "toll_free",
        "capabilities": ("voice", "mms"),
        "status": "active",
        "name": None,
        "region": None,
        "city": None,
        "monthly_cost": None,
        "routing": {Channel.VOICE: DESK, Channel.SMS: None},
        "settings": {"application": f"application:{APP}", "voice": DESK.text},
        "created_at": None,
        "updated_at": None,
        "seen_at": datetime(2031, 1, 1, tzinfo=UTC),
    }
    return OwnedNumber(**(values | changes))


def found(text, number):
    return compile_filter(text).matches(OwnedText(INFOS, AREAS.get)(number))


@pytest.mark.parametrize(
    "text",
    [
        "vonage",
        "toll_free",
        "toll free",
        "mms",
        "voice",
        "united kingdom",
        "belfast",
        "uk active",
        "phone:+442079460999",
        "+44 20 7946 0999",
        "028 9018 0236",
        f"linked:application:{APP}",
        "!linked:sip",
    ],
)
def test_a_number_is_found_by_all_that_it_shows(text):
    assert found(text, owned())
    assert not found("!" + text.removeprefix("!").split()[-1], owned()) or text.startswith("!")


@pytest.mark.parametrize(
    ("told", "texts"),
    [
        ({"status": "confirmed"}, ("confirmed", "CONFIRM")),
        ({"written": "8 (495) 123-45-67"}, ("8 (495) 123-45-67", "84951234567", "8 495")),
        ({"written": "06 1 234 5678"}, ("06 1 234", "0612345678")),
        ({"property": "S3HV8NQ1ZK6T0WJ5"}, ("S3HV8NQ1ZK6T0WJ5", "s3hv")),
        ({"type": "shared-rate"}, ("shared-rate", "Shared-Rate")),
    ],
)
def test_a_number_is_found_by_the_words_of_its_provider(told, texts):
    for text in texts:
        assert found(text, owned(told=told)), text
        assert not found(text, owned()), text


@pytest.mark.parametrize("text", ["application:", APP, "hook", "new jersey", "sip"])
def test_what_is_overridden_or_elsewhere_does_not_find_it(text):
    assert not found(text, owned())


@pytest.mark.parametrize("kind", ["flow", "queue", "Call:Queue"])
def test_a_target_of_which_only_the_kind_is_told_is_found_by_it(kind):
    hidden = owned(
        account="au",
        provider="fonedynamics",
        routing={Channel.VOICE: Undisclosed(kind)},
        settings={"voice": Undisclosed(kind)},
    )
    assert found(f"linked:{kind}", hidden)
    assert found(f'"{kind}" not told', hidden)
    assert found(f'to:"{kind}"', hidden)
    assert not found("linked:phone", hidden)


@pytest.mark.parametrize("value", ["menu\nphone:+1", "menu\r\nlinked:sip", "menu\n\n\n"])
def test_a_line_end_that_is_stored_hides_nothing_behind_it(value):
    stored = Target("vxml", value)
    number = owned(routing={Channel.VOICE: stored}, settings={"voice": stored.text})
    assert found("vxml:menu active belfast", number)
    assert found("linked:vxml:menu", number)
    assert not found("linked:phone", number)


def test_a_locked_number_is_found_as_such():
    number = owned()
    text_of = OwnedText(INFOS, locks=frozenset({number.number}))
    for text, passes in (("locked", True), ("!locked", False), ("locked active", True)):
        assert compile_filter(text).matches(text_of(number)) is passes
    assert not found("locked", number)


def test_a_setting_that_leaves_out_the_kind_of_its_target_is_found_by_it():
    forwarded = owned(account="eu", provider="telnyx", settings={"forward": DESK.value})
    assert found(f"linked:{DESK.text}", forwarded)
    assert found("linked:phone", forwarded)
    assert not found("linked:phone", owned(account="eu", settings={"reference": DESK.value}))


def test_a_text_that_looks_like_a_target_is_none():
    named = owned(
        account="au", provider="fonedynamics", settings={"friendly": "flow:Ebb", "voice": DESK.text}
    )
    assert not found("linked:flow", named)
    assert found("linked:phone", named)


@pytest.mark.parametrize(
    "text", ["vonage", "toll free", "toll_free", "sms", "belfast", "kingdom", "foreign", "9018"]
)
def test_stock_is_found_by_all_that_it_shows(text):
    number = AvailableNumber(
        "uk", "vonage", E164("+442890180236"), "GB", "toll_free", ("sms",),
        address_requirement="foreign",
    )  # fmt: skip
    hay = stock_text(number, "Belfast")
    assert compile_filter(text).matches(hay)
    assert not compile_filter(text).matches(stock_text(
        AvailableNumber("us", "parakeet", E164("+12015550111"), "US", None, ()), "New Jersey",
    ))  # fmt: skip


IVR = Target("application", APP, "Support IVR")
FIELDS = [
    ("account:uk", "account:us"),
    ("account=uk", "account=u"),
    ("provider:vonage", "provider:twilio"),
    ("country:gb", "country:us"),
    ("country:UK,us", "-country:england"),
    ("country:kingdom", "country:united-states"),
    ("country:44", "country:1"),
    ("type:toll_free", "type:mobile"),
    ("type:toll-free,mobile", '-type:"toll free"'),
    ('type:"toll free"', "type:free"),
    ("status:active", "status:inactive"),
    ("to:ivr", "to:bridge"),
    ('to="Support IVR"', "to=Support"),
    (f"to:application:{APP}", "to:nowhere"),
    (f"application:{APP}", "application:IVR"),
    ('application:"support ivr"', "application:00000001"),
    ("name:desk,bridge", "name:bridge"),
    ("place:belfast", "place:london"),
    ("features:mms,fax", "features:sms"),
    ("features:voice features:mms", "-features:voice"),
    ("is:locked", "is:unrouted"),
    ("is:locked,porting", "-is:locked"),
    ("is:temporary", "is:finding"),
    ("is:readonly", "-is:readonly"),
    ("cost>1", "cost>1.20"),
    ("cost>=1.20eur", "cost>=1.20usd"),
    ("cost=1.2", "cost<1.2"),
    ("changed<7d", "changed>7d"),
    (r"re:^\+4428.*36$", "re:^4428"),
    ("re:^belfast$", "re:^elfast"),
    ("number:018", "number:019"),
    ('number="+44 28 9018 0236"', "number=4428901802"),
]


@pytest.mark.parametrize(("finds", "misses"), FIELDS)
def test_each_field_looks_at_its_own_texts(finds, misses):
    then = datetime(2031, 1, 1, tzinfo=UTC)
    number = owned(
        name="Front desk",
        routing={Channel.VOICE: IVR, Channel.SMS: IVR},
        monthly_cost=Money.read("1.20", "EUR"),
        updated_at=then - timedelta(days=3),
    )
    text_of = OwnedText(
        INFOS,
        AREAS.get,
        frozenset({number.number}),
        frozenset({"uk"}),
        lambda _number: frozenset({"temporary"}),
    )
    with clock.use(clock.Clock(then.timestamp)):
        assert compile_filter(finds).matches(text_of(number))
        assert not compile_filter(misses).matches(text_of(number))


@pytest.mark.parametrize("text", ["0000", "1111", APP, "8333-4444"])
def test_an_identifier_behind_a_name_is_found_through_a_field_alone(text):
    number = owned(number=E164("+442890189999"), routing={Channel.VOICE: IVR}, settings={})
    assert not found(text, number)
    assert found(f"to:{text}", number)


@pytest.mark.parametrize("field", ["country", "type", "status", "features"])
def test_what_nobody_tells_passes_neither_way(field):
    number = owned(**{"capabilities" if field == "features" else field: ()
                      if field == "features" else None})  # fmt: skip
    for text in (f"{field}:gb", f"-{field}:gb", f"!{field}:gb", f"{field}:"):
        wanted = compile_filter(text)
        assert wanted.verdict(OwnedText(INFOS)(number)) is None
        assert wanted.asks_untold == (field,)


@pytest.mark.parametrize("text", ["cost>1", "-cost>1", "changed<7d", "-changed<7d"])
def test_no_cost_and_no_time_of_change_pass_no_comparison(text):
    assert compile_filter(text).verdict(OwnedText(INFOS)(owned())) is None


def test_what_is_not_told_does_not_count_where_something_else_fails():
    assert compile_filter("type:x account:us").verdict(OwnedText(INFOS)(owned(type=None))) is False


def test_a_number_that_goes_nowhere_is_found_so():
    number = owned(routing={Channel.VOICE: None, Channel.SMS: None})
    assert found("is:unrouted", number)
    assert found("to:nowhere", number)
    assert found("to:bridge,nowhere", number)
    assert not found("to:nowhere", owned())


@pytest.mark.parametrize(
    ("text", "passes"),
    [
        ("phone:+442079460999", True),
        ('phone:"020 7946 0999"', True),
        ("phone:0999", True),
        ("to:phone:+442079460999", True),
        ("to=phone:+442079460999", True),
        ('to="+44 20 7946 0999"', True),
        ("to=phone:+44207946099", False),
        ("phone:0998", False),
        ("phone:", True),
        ("sip:", False),
        ("re:60999$", True),
    ],
)
def test_a_phone_target_is_found_in_every_spelling(text, passes):
    assert found(text, owned()) is passes


@pytest.mark.parametrize(
    ("finds", "misses"),
    [
        ("reason:ivr", "reason:holiday"),
        ("who:anna", "who:ben"),
        ("outcome:unknown is:open", "outcome:verified"),
        ("action:retarget", "action:buy"),
        ("account:uk changed<1h", "changed>1h"),
        ("number:0236", "number:0999"),
        ("to:0999", "to:0998"),
        ("retarget unknown anna", "!unknown"),
    ],
)
def test_operations_are_found_by_their_own_fields(finds, misses):
    now = datetime(2031, 1, 1, tzinfo=UTC)
    operation = Operation(
        "op", "batch", now, None, Actor("anna", "bastion"), "uk", "vonage",
        E164("+442890180236"), Action.RETARGET, "IVR is down", owned(routing={}), owned(), None,
        Outcome.UNKNOWN, None,
    )  # fmt: skip
    hay = operation_text(operation)
    with clock.use(clock.Clock(now.timestamp)):
        assert compile_filter(finds, HISTORY).matches(hay)
        assert not compile_filter(misses, HISTORY).matches(hay)


def test_stock_is_found_by_its_fields():
    number = AvailableNumber(
        "uk", "vonage", E164("+442890180236"), "GB", "mobile", ("sms",),
        monthly_cost=Money.read("0.90", "EUR"),
    )  # fmt: skip
    hay = stock_text(number, "Belfast")
    for text in ("country:gb type:mobile", "cost<1eur", "place:belf", "features:sms re:236$"):
        assert compile_filter(text, STOCK).matches(hay), text
    assert not compile_filter("cost>1", STOCK).matches(hay)


def test_values_to_complete_with_are_those_that_are_held():
    values = owned_values([owned(), owned(type=None, status=None)], [IVR])
    assert values["account"] == {"uk"}
    assert values["type"] == {"toll_free"}
    assert values["features"] == {"voice", "mms"}
    assert values["to"] == {"+442079460999", "Support IVR", "nowhere"}
    assert values["application"] == {"Support IVR"}
