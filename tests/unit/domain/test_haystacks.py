"""Searching packed rows finds what matching them one by one finds."""

from hypothesis import given
from hypothesis import strategies as st

from tui_numbers.domain.filter_terms import haystack
from tui_numbers.domain.filtering import compile_filter
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
QUERIES = st.lists(PART | st.text(max_size=3), max_size=4).map(" ".join) | PART


def one_by_one(hays: list[str], text: str) -> bytes:
    return bytes(map(compile_filter(text).matches, hays))


@given(st.lists(st.lists(HAYS, max_size=20), max_size=3), st.lists(QUERIES, max_size=4))
def test_packed_rows_are_found_like_single_ones(pages, queries):
    packed = Haystacks()
    for page in pages:
        packed.pack(page)
    hays = [hay for page in pages for hay in page]
    for text in [*queries, *queries]:
        assert packed.passing(compile_filter(text)) == one_by_one(hays, text)


@given(st.lists(HAYS, min_size=1, max_size=20), HAYS, QUERIES, st.data())
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


def many() -> list[str]:
    """More than two blocks of rows: every number and name once, the other words again and again."""
    return [
        haystack(
            f"+44{at * 7919 % 10**7:07}",
            [f"name {at}" if at % 5 else None, f"desk-{at % 300}", "active" if at % 3 else "Ω"],
        )
        for at in range(2 * BLOCK_ROWS + 100)
    ]


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
