"""Text on its way to the screen."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tui_numbers.ui.detail_facts import Fact, facts_content
from tui_numbers.ui.text import content, fit, measure

HOSTILE = [
    "[/] [b]x[/b] [@click=app.quit]y[/]",
    "\x1b[31mred\x07\x9b2J",
    "東京オフィス本社",
    "e\u0301" * 30,
    "\u0301\u0301leading",
    "👩‍👩‍👧 ☎\ufe0f ❤️",
    "\u202eright to left\u2066",
    "a\tb\nc\r",
    "\u3164\u2800",
    "x" * 4000,
]


@pytest.mark.parametrize(
    ("text", "width", "expected"),
    [
        ("abc", 5, "abc  "),
        ("abcdef", 4, "abc…"),
        ("abc", 3, "abc"),
        ("abc", 1, "…"),
        ("abc", 0, ""),
        ("東京", 4, "東京"),
        ("東京", 3, "東…"),
        ("東京都", 4, "東… "),
        ("東", 1, "…"),
        ("cafe\u0301s", 5, "cafe\u0301s"),
    ],
)
def test_text_is_cut_and_padded_by_cells(text: str, width: int, expected: str) -> None:
    assert fit(text, width) == expected


def test_numbers_stand_right() -> None:
    assert fit("1.25", 6, "right") == "  1.25"
    assert fit("東", 4, "right") == "  東"


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("width", [0, 1, 2, 3, 7, 20, 80])
def test_hostile_text_fills_its_cells_exactly(text: str, width: int) -> None:
    fitted = fit(text, width)
    assert cell_len(fitted) == width
    assert fitted.isprintable()


@given(st.text(max_size=60), st.integers(0, 40), st.sampled_from(["left", "right"]))
def test_any_text_fills_its_cells_exactly(text: str, width: int, align: str) -> None:
    fitted = fit(text, width, "left" if align == "left" else "right")
    assert cell_len(fitted) == width
    assert fitted.isprintable()


def test_marks_piled_on_a_character_are_thinned() -> None:
    assert len(fit("a" + "\u0301" * 500, 3)) < 10


@pytest.mark.parametrize("text", HOSTILE)
def test_content_is_never_markup_and_always_clean(text: str) -> None:
    shown = content(text)
    assert not shown.spans
    assert shown.plain.isprintable()


def test_brackets_are_shown_as_they_are() -> None:
    assert content("[b]x[/b] [/]").plain == "[b]x[/b] [/]"


def test_width_is_told_in_cells() -> None:
    assert [measure(text) for text in ("abc", "東京", "e\u0301")] == [3, 4, 1]


def test_labels_that_begin_alike_are_told_apart_in_a_narrow_pane() -> None:
    facts = [Fact("Attribution: source", "web"), Fact("Attribution: medium", "mail")]
    lines = facts_content(facts, 38).plain.splitlines()
    assert [line.rstrip() for line in lines] == [
        "Attribution: source",
        f"{'':16}web",
        "Attribution: medium",
        f"{'':16}mail",
    ]
