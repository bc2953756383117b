"""When a temporary change ends, as people type it, in every zone and at every change of clocks."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tui_numbers.domain import clock
from tui_numbers.domain.clock import Clock
from tui_numbers.domain.temporary import (
    InvalidEnd,
    read_end,
    read_span,
    read_until,
    zoned_words,
)

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata",
         "Pacific/Auckland", "America/St_Johns", "Africa/Casablanca"]  # fmt: skip
NOW = datetime(2026, 11, 26, 22, 30, tzinfo=UTC)


def at(moment, zone="UTC"):
    """The clock stands at a moment, in a zone."""
    return clock.use(Clock(moment.timestamp, ZoneInfo(zone)))


@pytest.mark.parametrize(
    ("text", "minutes"),
    [("2h", 120), ("90m", 90), ("90min", 90), ("1h30m", 90), ("1 h 30 m", 90), ("2d", 2880),
     ("1D2H", 1560), (" 5m ", 5)],
)  # fmt: skip
def test_a_length_of_time_is_read(text, minutes):
    assert read_span(text) == timedelta(minutes=minutes)
    assert read_end(text, NOW) == NOW + timedelta(minutes=minutes)


@pytest.mark.parametrize("text", ["", "h", "2", "0m", "0h", "-2h", "2w", "two hours", "400d"])
def test_what_is_no_length_of_time_says_what_is(text):
    with pytest.raises(InvalidEnd, match=r"write|minute|year"):
        read_span(text)


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("07:00", "2026-11-27T06:00"),
        ("7:00", "2026-11-27T06:00"),
        ("23:45", "2026-11-26T22:45"),
        ("23:30", "2026-11-27T22:30"),
        ("2026-11-27T07:00", "2026-11-27T06:00"),
        ("2026-11-27 07:00", "2026-11-27T06:00"),
        ("2026-11-27T07:00+05:30", "2026-11-27T01:30"),
        ("2026-11-27T07:00Z", "2026-11-27T07:00"),
    ],
)
def test_a_time_is_the_next_one_in_the_zone_of_who_types_it(text, utc):
    with at(NOW, "Europe/Berlin"):
        assert read_until(text, NOW) == datetime.fromisoformat(utc).replace(tzinfo=UTC)
        assert read_end(text, NOW) == read_until(text, NOW)


@pytest.mark.parametrize(
    "text",
    ["", "7", "25:00", "07:60", "07:00:00x", "tomorrow", "2026-11-27", "2026-13-01T07:00",
     "0001-01-01T00:00+14:00"],
)  # fmt: skip
def test_what_is_no_time_says_what_is(text):
    with at(NOW, "Europe/Berlin"), pytest.raises(InvalidEnd, match=r"write|past"):
        read_until(text, NOW)


@pytest.mark.parametrize("text", ["2026-11-26T22:00Z", "2026-11-26T23:30", "2025-11-27T07:00"])
def test_what_is_past_is_refused(text):
    with at(NOW, "Europe/Berlin"), pytest.raises(InvalidEnd, match=r"is past: it is Thu 23:30"):
        read_until(text, NOW)


def test_a_year_is_too_far():
    with at(NOW), pytest.raises(InvalidEnd, match="more than a year"):
        read_until("2028-01-01T07:00", NOW)


@pytest.mark.parametrize("text", ["2026-10-25T02:30", "02:30"])
def test_the_hour_that_happens_twice_is_refused_with_both_readings(text):
    now = datetime(2026, 10, 24, 20, tzinfo=UTC)
    with at(now, "Europe/Berlin"), pytest.raises(InvalidEnd, match="happens twice") as told:
        read_until(text, now)
    assert "2026-10-25T02:30+02:00 or 2026-10-25T02:30+01:00" in str(told.value)
    with at(now, "Europe/Berlin"):
        first = read_until("2026-10-25T02:30+02:00", now)
        second = read_until("2026-10-25T02:30+01:00", now)
    assert second - first == timedelta(hours=1)


@pytest.mark.parametrize("text", ["2026-03-29T02:30", "02:30"])
def test_the_hour_that_is_missing_is_refused(text):
    now = datetime(2026, 3, 28, 20, tzinfo=UTC)
    with at(now, "Europe/Berlin"), pytest.raises(InvalidEnd, match="does not happen on 2026-03-29"):
        read_until(text, now)


def test_a_change_of_clocks_that_is_over_refuses_nothing():
    now = datetime(2026, 10, 25, 6, tzinfo=UTC)
    with at(now, "Europe/Berlin"):
        assert read_until("02:30", now) == datetime(2026, 10, 26, 1, 30, tzinfo=UTC)


def test_a_length_of_time_is_as_long_over_a_change_of_clocks():
    now = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    with at(now, "Europe/Berlin"):
        assert read_end("2h", now) - now == timedelta(hours=2)


def test_an_end_is_told_with_its_zone_and_in_utc():
    with at(NOW, "Europe/Berlin"):
        assert zoned_words(datetime(2026, 11, 27, 6, tzinfo=UTC)) == (
            "Fri 07:00 Europe/Berlin, 06:00 UTC"
        )
        assert zoned_words(datetime(2026, 11, 26, 23, 30, tzinfo=UTC)) == (
            "Fri 00:30 Europe/Berlin, Thu 23:30 UTC"
        )
        assert zoned_words(datetime(2027, 1, 2, 6, tzinfo=UTC)).startswith("2027-01-02 07:00")
    with at(NOW):
        assert zoned_words(datetime(2026, 11, 27, 6, tzinfo=UTC)) == "Fri 06:00 UTC"


@given(
    zone=st.sampled_from(ZONES),
    minutes=st.integers(0, 3 * 365 * 24 * 60),
    hour=st.integers(0, 23),
    minute=st.integers(0, 59),
)
def test_a_clock_time_is_shown_by_that_clock_and_within_a_day_or_refused(
    zone, minutes, hour, minute
):
    now = datetime(2025, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    with at(now, zone):
        try:
            moment = read_until(f"{hour:02}:{minute:02}", now)
        except InvalidEnd as error:
            refused = str(error)
            moment = None
        shown = clock.local(moment or now)
    if moment is None:
        assert "twice" in refused or "does not happen" in refused
        return
    assert (shown.hour, shown.minute) == (hour, minute)
    assert now < moment <= now + timedelta(hours=25, minutes=30)


@given(
    zone=st.sampled_from(ZONES),
    minutes=st.integers(0, 364 * 24 * 60),
)
def test_a_local_time_is_refused_just_where_clocks_show_it_twice_or_never(zone, minutes):
    first = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    wall = first.replace(tzinfo=None)
    info = ZoneInfo(zone)
    readings = {wall.replace(tzinfo=info, fold=fold).astimezone(UTC) for fold in (0, 1)}
    true = {one for one in readings if one.astimezone(info).replace(tzinfo=None, fold=0) == wall}
    now = min(readings) - timedelta(days=2)
    with at(now, zone):
        try:
            moment = read_until(wall.isoformat(timespec="minutes"), now)
        except InvalidEnd:
            assert len(true) != 1
        else:
            assert {moment} == true


@given(st.text(max_size=30))
def test_no_text_ends_in_anything_but_a_moment_or_words(text):
    with at(NOW, "Europe/Berlin"):
        try:
            moment = read_end(text, NOW)
        except InvalidEnd as error:
            assume(str(error))
        else:
            assert moment > NOW
