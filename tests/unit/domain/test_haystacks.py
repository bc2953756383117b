"""Searching packed rows finds what matching them one by one finds."""

from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_numbers.domain import clock
from tui_numbers.domain.filter_terms import (
    COST_TAG,
    FACTS,
    OWNED,
    digits_line,
    haystack,
    joined,
    line_of,
    linked_line,
)
from tui_numbers.domain.filtering import FilterError, RowFilter, compile_filter
from tui_numbers.domain.haystacks import BLOCK_ROWS, Haystacks

NUMBERS = st.from_regex(r"\+[1-9][0-9]{3,8}", fullmatch=True)
WORDS = st.sampled_from(
    [
        "",
        "active",
        "4 4",
        "+44 20",
        "Straße",
        "Zoë",
        "zo\udc80",
        "a\nb",
        "4\n4",
        "\0",
        "Ω",
        "ab",
        "0",
    ]
)
LINKED = st.lists(st.sampled_from(["application:a4", "sip:b", "phone:+44"]), max_size=2)
HAYS = st.builds(
    haystack,
    NUMBERS,
    st.lists(st.none() | WORDS | st.text(max_size=4), max_size=5),
    st.lists(NUMBERS, max_size=2),
    LINKED,
)
PART = st.sampled_from(
    [
        "linked:application",
        "!linked:s",
        "linked:phone:+4",
        "4",
        "44",
        "+44",
        "044",
        "0044",
        "(0)4",
        "!4",
        "!044",
        "a",
        "ss",
        "!b",
        "Ω",
        "\0",
        "\udc80",
    ]
) | st.text("04+ (-b!a\n", max_size=6)
WORD = st.text(st.characters(exclude_characters=':<>="'), max_size=3)
QUERIES = st.lists(PART | WORD, max_size=4).map(" ".join) | PART


def one_by_one(hays: list[str], text: str) -> bytes:
    return bytes(map(compile_filter(text).matches, hays))


@given(st.lists(st.lists(HAYS, max_size=6), max_size=3), st.lists(QUERIES, max_size=4))
def test_packed_rows_are_found_like_single_ones(pages, queries):
    packed = Haystacks()
    for page in pages:
        packed.pack(page)
    hays = [hay for page in pages for hay in page]
    for text in [*queries, *queries]:
        assert packed.passing(compile_filter(text)) == one_by_one(hays, text)


@given(st.lists(HAYS, min_size=1, max_size=6), HAYS, QUERIES, st.data())
def test_rows_that_come_and_change_later_are_found_too(hays, newer, text, data):
    packed = Haystacks()
    wanted = compile_filter(text)
    packed.pack(hays[: len(hays) // 2])
    for hay in hays[len(hays) // 2 :]:
        packed.append(hay)
        packed.passing(wanted)
    at = data.draw(st.integers(0, len(hays) - 1))
    packed.replace(at, newer)
    now = [*hays[:at], newer, *hays[at + 1 :]]
    assert packed.passing(wanted) == one_by_one(now, text)
    packed.pack(hays)
    assert packed.passing(wanted) == one_by_one([*now, *hays], text)
    read = packed.reader()
    for index, hay in enumerate([*now, *hays]):
        known = read(index)
        assert known is None or known.rstrip("\n") == hay.rstrip("\n")


@cache
def many() -> list[str]:
    """More than two blocks of rows: every number and name once, the other words again and again."""
    return [
        haystack(
            f"+44{at * 7919 % 10**7:07}",
            [f"name {at}" if at % 5 else None, f"desk-{at % 300}", "active" if at % 3 else "Ω"],
        )
        for at in range(2 * BLOCK_ROWS + 100)
    ]


@pytest.mark.parametrize("typed", ["4479", "047919", "0044", "12", "desk-29", "!479", "name 12"])
def test_what_is_typed_on_finds_what_it_finds_by_itself(typed):
    """Rows that a shorter text found are looked at alone; some of them have changed since."""
    hays, packed = many(), Haystacks()
    packed.pack(hays)
    for text in (typed[:end] for end in range(1, len(typed) + 1)):
        packed.passing(compile_filter(text))
        for at in (3, BLOCK_ROWS + len(text)):
            hays[at] = haystack(f"+4479{at:07}", [typed, "late"])
            packed.replace(at, hays[at])
        assert packed.passing(compile_filter(text)) == one_by_one(hays, text)


def test_many_rows_are_found_in_all_their_blocks():
    hays = many()
    packed, grown = Haystacks(), Haystacks()
    packed.pack(hays)
    for hay in hays:
        grown.append(hay)
    for text in (
        "4",
        "1",
        "12",
        "name 12",
        "desk-29",
        "!active",
        "ω",
        "041",
        "44 1",
        "zzz",
        "1 2 3",
    ):
        expected = one_by_one(hays, text)
        assert packed.passing(compile_filter(text)) == expected, text
        assert grown.passing(compile_filter(text)) == expected, text
    read = packed.reader()
    assert [(read(index) or "").rstrip("\n") for index in range(len(hays))] == hays
    assert packed.reader()(BLOCK_ROWS + 1) is None


# Texts of every line of owned numbers, and filters of every kind over them.
FEW = st.sampled_from([None, "Front desk", "desk", "uk", "Zoë", "a  b", "+44 20", "x\ny", "open"])
OWNED_HAYS = st.builds(
    lambda number, phones, held, facts, cost, changed, account, country, kind, name, place: (
        "\n".join(
            (
                digits_line(number),
                digits_line(*phones),
                linked_line(held),
                line_of(*held, *(one.partition(":")[2] for one in held)),
                joined(line_of(*facts), line_of(cost, tag=COST_TAG)),
                line_of(changed),
                joined(
                    line_of(account, tag=OWNED.tag("account")),
                    line_of(name, tag=OWNED.tag("provider")),
                    line_of(kind, tag=OWNED.tag("status")),
                ),
                joined(
                    line_of(country, tag=OWNED.tag("country")),
                    line_of(kind, tag=OWNED.tag("type")),
                    line_of(kind, name, tag=OWNED.tag("features")),
                ),
                line_of(name),
                line_of(place),
                line_of(*held, name),
                line_of(place, kind),
            )
        )
    ),
    NUMBERS,
    st.lists(NUMBERS, max_size=2),
    LINKED,
    st.lists(st.sampled_from(["unrouted", "locked", "porting"]), unique=True),
    st.sampled_from([None, "1.20 eur", "0.9 usd", "3 eur"]),
    st.sampled_from([None, "1000", "1795000000", "1795600000"]),
    st.sampled_from(["uk-sms", "us-desk", "uk"]),
    st.sampled_from([None, "gb", "us"]),
    st.sampled_from([None, "mobile", "toll free", "active"]),
    FEW,
    FEW,
)
EVERY_KIND = st.sampled_from(
    [
        "account:uk",
        "account=uk",
        "-account:uk-sms,us",
        "provider:desk",
        "country:gb,us",
        "-country:gb",
        "country:united",
        "type:mobile",
        "-type:toll-free",
        "status:act",
        "to:desk",
        "to:nowhere",
        "-to:a4",
        "to:+4",
        "to=sip:b",
        "name:fr",
        "name:",
        "-name:",
        'name="front desk"',
        "place:desk,uk",
        "features:mobile",
        "number:4",
        "number=+44",
        "application:a",
        "phone:4",
        "linked:sip",
        "is:locked",
        "-is:unrouted,porting",
        "is:marked",
        "cost>1",
        "cost<=1.20eur",
        "-cost>1",
        "cost=3",
        "changed<7d",
        "changed>=52w",
        "-changed<7d",
        "re:desk",
        "re:^front",
        "re:desk$",
        "re:^.*k$",
        "re:o+.",
        "!re:[0-9]$",
        r"re:^\+4.*4$",
        r"re:(.)\1",
        "re:x*",
        '"front desk"',
        '"k"',
    ]
)
ASKED = st.lists(EVERY_KIND | PART, min_size=1, max_size=3).map(" ".join)


def read_or_none(text: str) -> RowFilter | None:
    try:
        return compile_filter(text)
    except FilterError:
        return None


@given(st.lists(OWNED_HAYS, max_size=6), st.lists(ASKED, max_size=4), st.sets(st.integers(0, 5)))
def test_every_kind_of_part_finds_packed_rows_like_single_ones(hays, queries, marked):
    with clock.use(clock.Clock(lambda: 1795700000.0)):
        wanted = [one for one in map(read_or_none, queries) if one is not None]
    at = {index for index in marked if index < len(hays)}
    flagged = [with_fact(hay, "marked") if index in at else hay for index, hay in enumerate(hays)]
    packed = Haystacks()
    packed.set_flag("marked", at)
    packed.pack(hays)
    for one in wanted:
        verdicts = [one.verdict(hay) for hay in flagged]
        assert packed.passing(one) == bytes(verdict is True for verdict in verdicts)
        assert packed.untold(one) == verdicts.count(None)


def with_fact(hay: str, word: str) -> str:
    """Return a haystack that says a word of ``is:`` itself."""
    lines = hay.split("\n")
    lines[FACTS] = joined(line_of(word), lines[FACTS])
    return "\n".join(lines)


@given(
    st.lists(OWNED_HAYS, min_size=2, max_size=5),
    OWNED_HAYS,
    st.lists(EVERY_KIND, min_size=1, max_size=5),
    st.data(),
)
def test_what_is_known_of_a_part_follows_rows_that_change(hays, newer, queries, data):
    with clock.use(clock.Clock(lambda: 1795700000.0)):
        wanted = [compile_filter(text) for text in queries]
    packed = Haystacks()
    packed.pack(hays[1:])
    for one in wanted:
        packed.passing(one)
        packed.untold(one)
    at = data.draw(st.integers(0, len(hays) - 2))
    packed.replace(at, newer)
    packed.append(hays[0])
    now = [*hays[1:], hays[0]]
    now[at] = newer
    for one in wanted:
        assert packed.passing(one) == bytes(map(one.matches, now))
        assert packed.untold(one) == [one.verdict(hay) for hay in now].count(None)


def test_expressions_are_searched_ahead_for_as_long_as_no_row_changes():
    packed, wanted = Haystacks(), compile_filter("re:na.e active")
    packed.pack(many())
    keep = packed.search_ahead(wanted)
    assert not packed.knows(wanted)
    keep()
    assert packed.knows(wanted)
    late = packed.search_ahead(compile_filter("re:n.me"))
    packed.replace(0, haystack("+44", []))
    late()
    assert not packed.knows(compile_filter("re:n.me"))
    assert packed.passing(wanted)[0] == 0


@pytest.mark.parametrize(
    "text",
    ["re:^name 1.$", "re:name", "re:[^a]9$", r"re:(\d)\1\1", "re:desk-2.", "!re:name"],
)
def test_expressions_find_rows_in_all_their_blocks(text):
    hays, packed = many(), Haystacks()
    packed.pack(hays)
    wanted = compile_filter(text)
    assert packed.passing(wanted) == bytes(map(wanted.matches, hays))
