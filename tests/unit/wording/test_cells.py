"""Text that is too long for a cell gives way at its end, or in its middle."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_numbers.wording.cells import cell_width, fit


@pytest.mark.parametrize(
    ("text", "width", "shown"),
    [
        ("phone +44 20 7946 0083", 22, "phone +44 20 7946 0083"),
        ("phone +44 20 7946 0083", 24, "phone +44 20 7946 0083  "),
        ("phone +44 20 7946 0083", 14, "phone +44…0083"),
        ("phone +44 20 7946 0083", 10, "phone…0083"),
        ("phone +44 20 7946 0083", 5, "phon…"),
        ("phone +44 20 7946 0083", 0, ""),
        ("app Zürich Störung", 12, "app Zür…rung"),
        ("受付受付受付受付", 9, "受付…受付"),
        ("", 3, "   "),
        ("app Recruiting Desk until 22:11", 22, "app R…Desk until 22:11"),
        ("phone +44 20 7946 0083 until Sat 07:00", 26, "phone…0083 until Sat 07:00"),
        ("phone +44 20 7946 0083 until 07:00", 19, "phone +44 20… 07:00"),
    ],
)
def test_the_middle_gives_way_where_the_end_is_what_people_compare(text, width, shown):
    assert fit(text, width, cut="middle") == shown


@given(st.text(max_size=60) | st.text("ab é受\u0301\u200d\x1b[]", max_size=900), st.integers(0, 60))
def test_a_cell_has_its_width_wherever_it_is_cut(text, width):
    assert cell_width(fit(text, width, cut="middle")) == width
