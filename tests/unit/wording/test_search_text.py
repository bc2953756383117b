"""One text searched by the dashboard and the command line: all that a number shows."""

from datetime import UTC, datetime

import pytest

from tui_numbers.domain.e164 import E164
from tui_numbers.domain.filtering import compile_filter
from tui_numbers.domain.numbers import AvailableNumber, Channel, OwnedNumber, Target, Undisclosed
from tui_numbers.providers.registry import load_registry
from tui_numbers.wording.search_text import OwnedText, stock_text

INFOS = {
    account: load_registry().plugins[provider].info
    for account, provider in (("uk", "vonage"), ("us", "parakeet"), ("au", "fonedynamics"))
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
