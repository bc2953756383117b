import copy
import pickle
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_numbers.domain.accounts import Account, Secret
from tui_numbers.domain.e164 import E164
from tui_numbers.domain.numbers import AvailableNumber, Channel, Money, OwnedNumber, Target
from tui_numbers.domain.query import (
    InvalidPattern,
    Match,
    OwnedQuery,
    StockQuery,
    StockSort,
    TargetPattern,
    Total,
    keypad_digits,
    stock_key,
)
from tui_numbers.domain.text import clean


@given(st.decimals(min_value=-10_000, max_value=10_000, places=2))
def test_money_keeps_its_digits(amount):
    money = Money.read(f"{amount:f}", "EUR")
    assert money is not None
    assert money.digits == f"{amount:f}"
    assert str(money) == f"EUR {amount:f}"


@given(
    st.one_of(
        st.text(), st.integers(), st.booleans(), st.none(), st.lists(st.text()), st.decimals()
    )
)
def test_any_amount_is_money_or_none(amount):
    money = Money.read(amount, "EUR")
    assert money is None or (money.amount.is_finite() and len(money.digits) < 2_000)


@pytest.mark.parametrize("amount", [None, True, "", "x", "NaN", "Infinity", "1e99", [], 1.5])
def test_no_price_is_invented(amount):
    assert Money.read(amount, "EUR") is None


def test_money_from_whole_numbers():
    assert Money.read(3, "EUR") == Money(Decimal(3), "EUR")
    assert Money.read(" 1.00 ", "EUR") == Money(Decimal("1.00"), "EUR")


@given(st.text())
def test_cleaned_text_is_harmless_and_stable(text):
    cleaned = clean(text)
    assert cleaned.isprintable()
    assert clean(cleaned) == cleaned
    assert len(cleaned) <= 4_000


@given(st.text(alphabet="ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 -().+", max_size=12))
def test_a_pattern_becomes_digits(pattern):
    digits = keypad_digits(pattern)
    assert digits.isdecimal() or not digits
    assert keypad_digits(pattern.lower()) == digits
    assert keypad_digits(digits) == digits


@pytest.mark.parametrize("pattern", ["é", "20*0", "٢", "a_b"])
def test_other_patterns_are_refused(pattern):
    with pytest.raises(InvalidPattern):
        keypad_digits(pattern)


@given(st.from_regex(r"\+44[1-9][0-9]{3,11}", fullmatch=True), st.data())
def test_places_of_a_pattern(number, data):
    bare = number[1:]
    cut = data.draw(st.integers(1, len(bare)))
    assert StockQuery("GB", pattern=bare[:cut], match=Match.STARTS).span(number) == (0, cut)
    ends = StockQuery("GB", pattern=bare[-cut:], match=Match.ENDS).span(number)
    assert ends == (len(bare) - cut, len(bare))
    for match in Match:
        assert StockQuery("GB", pattern=bare, match=match).span(number) == (0, len(bare))
        assert StockQuery("GB", match=match).span(number) is None
        assert StockQuery("GB", pattern=bare + "0", match=match).span(number) is None


@given(
    st.sampled_from([("GB", "44", "0"), ("IT", "39", ""), ("US", "1", "1"), ("RU", "7", "8")]),
    st.from_regex(r"[2-9][0-9]{7,10}", fullmatch=True),
    st.integers(1, 8),
)
def test_a_beginning_is_found_with_and_without_country_code_and_trunk_prefix(home, national, cut):
    country, code, trunk = home
    number = f"+{code}{national}"
    for typed in (code + national[:cut], national[:cut], trunk + national[:cut], number[:-1]):
        query = StockQuery(country, pattern=typed, match=Match.STARTS)
        assert query.span(number) is not None, typed
        # Whatever the provider looks at itself, it is asked for something that is in the number.
        wide = query.wire_queries(starts=True)
        assert any(number[1:].startswith(one.digits) for one in wide)
        (narrow,) = query.wire_queries(starts=False)
        assert narrow.digits in number


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("161", "161 read as +44161, the country code counted"),
        ("0161", "0161 read as +44161, without the trunk 0"),
        ("44161", "44161 read as +44161 or +4444161, the country code counted"),
        ("+44161", ""),
        ("44", ""),
    ],
)
def test_how_a_beginning_is_read_is_said_where_it_is_not_just_as_typed(pattern, said):
    assert StockQuery("GB", pattern=pattern, match=Match.STARTS).read_as == said
    assert StockQuery("GB", pattern=pattern).read_as == ""


def test_stock_is_sorted_by_price_within_a_currency_and_by_what_is_memorable():
    def priced(number, amount, currency="EUR"):
        cost = Money(Decimal(amount), currency) if amount else None
        return AvailableNumber("a", "p", E164(number), "GB", None, (), monthly_cost=cost)

    rows = [
        priced("+442079461001", None),
        priced("+442079461002", "0.50", "USD"),
        priced("+442079462020", "10"),
        priced("+442079461004", "9.5"),
    ]
    query = StockQuery("GB")
    by_price = sorted(rows, key=stock_key(StockSort.PRICE, query))
    assert [str(one.monthly_cost) for one in by_price] == ["EUR 9.5", "EUR 10", "USD 0.50", "None"]
    assert min(rows, key=stock_key(StockSort.MEMORABLE, query)).number == "+442079462020"
    spelling = StockQuery("GB", pattern="ABD", match=Match.CONTAINS)
    word = priced("+442079223000", "1")
    assert min([*rows, word], key=stock_key(StockSort.MEMORABLE, spelling)) is word
    assert spelling.word_in(word.number) == "ABD"
    assert StockQuery("GB", pattern="223").word_in(word.number) == ""


def owned(**changes):
    values = {
        "account": "uk-sms",
        "provider": "vonage",
        "id": "447700900555",
        "number": E164("+447700900555"),
        "country": "GB",
        "type": "mobile",
        "capabilities": ("voice", "sms"),
        "status": "active",
        "name": None,
        "region": None,
        "city": None,
        "monthly_cost": None,
        "routing": {Channel.VOICE: Target("phone", "+447700900556"), Channel.SMS: None},
        "settings": {"voice": "phone:+447700900556"},
        "created_at": None,
        "updated_at": None,
        "seen_at": datetime(2031, 1, 1, tzinfo=UTC),
    }
    return OwnedNumber(**(values | changes))


@pytest.mark.parametrize(
    ("query", "passes"),
    [
        (OwnedQuery(), True),
        (OwnedQuery("GB", types=frozenset({"mobile"}), statuses=frozenset({"active"})), True),
        (OwnedQuery(country="IE"), False),
        (OwnedQuery(capabilities=frozenset({"sms"})), True),
        (OwnedQuery(capabilities=frozenset({"mms"})), False),
        (OwnedQuery(target=TargetPattern("phone")), True),
        (OwnedQuery(target=TargetPattern("phone", "+447700900556")), True),
        (OwnedQuery(target=TargetPattern("phone", "+44770090055")), False),
        (OwnedQuery(target=TargetPattern("sip")), False),
        (OwnedQuery(unrouted=True), False),
    ],
)
def test_filters_of_owned_numbers(query, passes):
    assert query.accepts(owned()) is passes


def test_what_is_not_told_is_neither_a_match_nor_a_mismatch():
    unknown = owned(type=None, capabilities=())
    assert OwnedQuery(types=frozenset({"mobile"})).accepts(unknown) is None
    assert OwnedQuery(capabilities=frozenset({"sms"})).accepts(unknown) is None
    assert OwnedQuery("IE", types=frozenset({"mobile"})).accepts(unknown) is False
    stock = AvailableNumber("a", "p", E164("+442079460123"), "GB", None, ())
    assert StockQuery("GB", type="local").accepts(stock) is None
    assert StockQuery("GB", pattern="7946").accepts(stock) is True
    assert StockQuery("GB", pattern="7946", match=Match.STARTS).accepts(stock) is False
    assert StockQuery("IE").accepts(stock) is False


def test_labels_and_times_are_not_delivery():
    labelled = owned(routing={Channel.VOICE: Target("phone", "+447700900556", "Desk"), "sms": None})
    assert owned().same_delivery(labelled)
    assert owned().same_delivery(owned(name="x", seen_at=datetime(2032, 1, 1, tzinfo=UTC)))
    assert not owned().same_delivery(owned(settings={"voice": None}))
    assert owned(routing={Channel.VOICE: None, Channel.SMS: None}).unrouted


def test_totals():
    assert [str(Total()), str(Total(1_204)), str(Total(50, capped=True))] == [
        "unknown",
        "1,204",
        "first 50",
    ]


@given(st.text(min_size=4))
def test_a_secret_is_never_shown(value):
    secret = Secret(value)
    for shown in (repr(secret), str(secret), f"{secret}", f"{secret:>40}", f"{[secret]}"):
        assert shown.count("•") == 4
        assert value not in shown.replace("Secret", "") or set(value) <= set("•()[] ")
    assert secret.reveal() == value
    with pytest.raises(TypeError):
        pickle.dumps(secret)
    assert copy.copy(secret) is secret


def test_the_variable_of_an_accounts_secret():
    account = Account("uk-sms-2", "vonage")
    assert account.secret_variable == "TUI_NUMBERS_SECRET_UK_SMS_2"


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("suspended", {"status": "suspended"}),
        ("Pending-Review", {"status": "pending review"}),
        ("confirmed", {"told": {"status": "confirmed"}}),
    ],
)
def test_a_status_is_asked_for_in_the_word_that_is_shown(asked, told):
    query = OwnedQuery(statuses=frozenset({asked, "porting"}))
    assert query.accepts(owned(**told)) is True
    assert query.accepts(owned()) is False
    assert query.accepts(owned(status=None)) is None


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("mobile-shortcode", {"type": "mobile-shortcode"}),
        ("toll free", {"type": "toll_free"}),
        ("Shared-Rate", {"type": "shared_cost", "told": {"type": "shared-rate"}}),
    ],
)
def test_a_type_is_asked_for_in_the_word_that_is_shown(asked, told):
    query = OwnedQuery(types=frozenset({asked, "national"}))
    assert query.accepts(owned(**told)) is True
    assert query.accepts(owned()) is False


def test_a_linked_target_counts_though_another_is_in_force():
    overridden = Target("application", "a1")
    for pattern in (TargetPattern("application"), TargetPattern("application", "a1")):
        assert OwnedQuery(target=pattern).accepts(owned(), [overridden]) is False
        assert OwnedQuery(linked=pattern).accepts(owned(), [overridden]) is True
        assert OwnedQuery(not_linked=pattern).accepts(owned(), [overridden]) is False
        assert OwnedQuery(not_linked=pattern).accepts(owned(), []) is True
    other = TargetPattern("application", "a2")
    assert OwnedQuery(linked=other).accepts(owned(), [overridden]) is False
    assert OwnedQuery(not_linked=other).accepts(owned(), [overridden]) is True
