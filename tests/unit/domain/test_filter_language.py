"""Fields, comparisons, quotes and expressions: what each part of a filter asks for."""

from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_numbers.domain import clock
from tui_numbers.domain.filter_terms import HISTORY, OWNED, STOCK
from tui_numbers.domain.filtering import (
    FilterError,
    compile_filter,
    complete,
    field_text,
    parts_of,
    quoted,
)

NOW = datetime(2026, 11, 26, 3, 0, tzinfo=UTC)


def read(text):
    return [(one.name, one.operator, [value for _, value in one.values]) for one in parts_of(text)]


def test_a_filter_is_read_as_words_quotes_and_fields():
    text = 'bill "two words" account:uk,us to:"After hours",bridge cost>=1.5 number="+44 2"'
    assert read(text) == [
        ("", "", ["bill"]),
        ("", "", ["two words"]),
        ("account", ":", ["uk", "us"]),
        ("to", ":", ["After hours", "bridge"]),
        ("cost", ">=", ["1.5"]),
        ("number", "=", ["+44 2"]),
    ]


@pytest.mark.parametrize(
    ("text", "inverted"),
    [
        ("!bill", True),
        ("-account:uk", True),
        ("!account:uk", True),
        ("!-account:uk", False),
        ("-is:porting", True),
        ("-cost>1", True),
        ("-bill", False),
        ("-7400", False),
        ("!", False),
    ],
)
def test_a_sign_before_a_part_asks_for_none_of_it(text, inverted):
    (part,) = parts_of(text)
    assert part.inverted is inverted


@pytest.mark.parametrize(
    "text", ["12:30", "https://hooks.example/a", "tel:+442079460000", "a=b", "wss://x", "(0)20"]
)
def test_a_colon_does_not_make_a_field_of_what_is_none(text):
    (part,) = parts_of(text)
    assert not part.name


@given(st.text(max_size=12), st.sampled_from(["name", "to", "reason"]))
def test_quotes_hold_any_value_together(value, name):
    for text in (quoted(value), field_text(name, value), field_text(name, value, whole=True)):
        (part,) = parts_of(f" {text} ")
        assert [one for _, one in part.values] == [value]


@given(st.lists(st.text(max_size=6), min_size=1, max_size=3))
def test_a_field_takes_several_values(values):
    assert read(field_text("name", *values)) == [("name", ":", values)]


@given(st.text(alphabet='ab:=<>"!-, re', max_size=16))
def test_parts_stand_one_behind_another_and_leave_nothing_out(text):
    at = 0
    for part in parts_of(text):
        assert not text[at : part.start].strip()
        assert part.end > part.start
        at = part.end
    assert not text[at:].strip()
    with suppress(FilterError):
        compile_filter(text)


@pytest.mark.parametrize(
    ("text", "layout", "says"),
    [
        ("acount:uk", OWNED, "no field 'acount': did you mean 'account'?"),
        ("reason:x", OWNED, "no field 'reason': known are number, account, provider"),
        ("status:x", STOCK, "no field 'status'"),
        ("cost>1", HISTORY, "cost> cannot be compared: changed can be compared"),
        ("is:poring", OWNED, "no is:poring: did you mean 'porting'?"),
        ("is:port", OWNED, "is:port goes on as porting"),
        ("is:", OWNED, "is: wants unrouted, temporary, locked"),
        ("name>3", OWNED, "name> cannot be compared: cost and changed can be compared"),
        ("cost>", OWNED, "cost> wants an amount, such as cost>1"),
        ("cost>1.2.3", OWNED, "cost> wants an amount"),
        ("changed<7", OWNED, "changed wants < or > and a time, such as changed<7d (m, h, d, w)"),
        ("changed:7d", OWNED, "changed wants < or >"),
        ("re:[", OWNED, "re: cannot be read: unterminated character set"),
        ("re:" + "a" * 200, OWNED, "re: is longer than 120 characters"),
    ],
)
def test_what_cannot_be_read_is_named(text, layout, says):
    with pytest.raises(FilterError) as refused:
        compile_filter(f"bill {text}", layout)
    assert says in str(refused.value)


@pytest.mark.parametrize(
    "expression",
    ["(a+)+$", "(a|aa)+$", "(a*)*b", "(.*a){9}", ".*a.*b.*c", "(a?){40}", "a?" * 30, "(x+x+)+y"],
)
def test_an_expression_that_may_take_for_ever_is_refused(expression):
    with pytest.raises(FilterError, match="may take too long"):
        compile_filter(f"re:{expression}")


@pytest.mark.parametrize(
    "expression", [r"^\+44.*70$", r"(\d)\1\1", "[0-9]{4}$", "^(front|back)", "a{2,4}b?", "(?i)x+"]
)
def test_a_usual_expression_is_not_refused(expression):
    assert len(compile_filter(f"re:{expression}").terms) == 1


def test_a_kind_that_only_a_plug_in_knows_is_a_field_where_it_is_given():
    with pytest.raises(FilterError, match="no field 'queue'"):
        compile_filter("queue:Q1")
    assert compile_filter("queue:Q1", kinds={"queue"}).terms[0].field == "to"


def test_an_age_is_counted_from_now():
    with clock.use(clock.Clock(NOW.timestamp)):
        (term,) = compile_filter("changed<7d").terms
        day = 86_400
        assert term.holds_of(str(int(NOW.timestamp()) - 6 * day))
        assert not term.holds_of(str(int(NOW.timestamp()) - 8 * day))
        (older,) = compile_filter("changed>=2w").terms
        assert older.holds_of(str(int(NOW.timestamp()) - 14 * day))
    assert compile_filter("changed<7d").hangs_on_time


KNOWN = {
    "account": ["uk-sms", "us-desk", "uk-voice"],
    "to": ["After hours", "bridge", "nowhere"],
    "team": ["After hours"],
}


@pytest.mark.parametrize(
    ("text", "choices"),
    [
        ("acc", ("account:",)),
        ("bill -ac", ("account:",)),
        ("c", ("country:", "cost>", "changed<")),
        ("account:u", ("uk-sms ", "uk-voice ", "us-desk ")),
        ("account:us-desk,uk", ("uk-sms ", "uk-voice ")),
        ("to:aft", ('"After hours" ',)),
        ("to:hou", ('"After hours" ',)),
        ('to:"After h', ('"After hours" ',)),
        ("te", ("team:",)),
        ("is:un", ("unrouted ",)),
        ("zzz", ()),
        ("account:zzz", ()),
        ("re:ab", ()),
    ],
)
def test_a_part_is_completed_by_fields_and_by_values_that_are_known(text, choices):
    found = complete(text, len(text), OWNED, KNOWN)
    assert found.choices == choices


def test_every_field_is_offered_where_nothing_is_typed_yet():
    offered = complete("bill ", 5, OWNED, KNOWN).choices
    assert {"account:", "is:", "re:", "cost>", "changed<", "team:"} <= set(offered)


@given(st.text(alphabet='ac:u-" ,', max_size=12))
def test_what_is_completed_can_be_read(text):
    found = complete(text, len(text), OWNED, KNOWN)
    for choice in found.choices:
        completed = text[: found.start] + choice
        if choice.endswith(" "):
            compile_filter(completed)
        assert list(parts_of(completed))


def test_several_choices_share_their_beginning():
    assert complete("account:u", 9, OWNED, KNOWN).shared == "u"
    assert complete("account:uk", 10, OWNED, KNOWN).shared == "uk-"


def test_what_was_asked_of_a_field_is_marked_in_its_column_alone():
    wanted = compile_filter("name:desk to:hours")
    assert wanted.spans("Front desk", "name") == [(6, 10)]
    assert wanted.spans("us-desk", "account") == []
    assert wanted.spans("team After hours", "target") == [(11, 16)]
    assert compile_filter(r"re:d.sk").spans("Front desk", "name") == [(6, 10)]
