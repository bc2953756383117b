import email.utils
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_numbers.providers.request import RetryPolicy, asked_wait

NOW = 1_900_000_000.0


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7),
        ({"retry-after": " 1.5 "}, 1.5),
        ({"retry-after": email.utils.formatdate(NOW + 30, usegmt=True)}, 30),
        ({"retry-after": email.utils.formatdate(NOW - 30, usegmt=True)}, None),
        ({"retry-after": "-3"}, None),
        ({"retry-after": "0"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "1e9"}, None),
        ({"x-ratelimit-reset": str(NOW + 12)}, 12),
        ({"x-ratelimit-reset": str(NOW - 1)}, None),
        ({"x-ratelimit-reset": "30"}, 30),
        ({"x-ratelimit-reset": "0"}, None),
        ({"x-ratelimit-reset": "x"}, None),
        ({"x-ratelimit-reset": "1e300"}, None),
        ({"retry-after": "3", "x-ratelimit-reset": str(NOW + 12)}, 3),
    ],
)
def test_what_the_provider_asks_to_wait(headers, seconds):
    assert asked_wait(headers, NOW) == seconds


@given(st.text(), st.text())
def test_any_header_is_borne(after, reset):
    wait = asked_wait({"retry-after": after, "x-ratelimit-reset": reset}, NOW)
    assert wait is None or 0 < wait <= 86_400


@given(
    st.integers(1, 10),
    st.none() | st.floats(0, 1e6),
    st.floats(0, 100),
    st.floats(0, 1),
)
def test_patience_has_an_end(attempt, asked, elapsed, jitter):
    policy = RetryPolicy(jitter=lambda: jitter)
    wait = policy.wait(attempt, asked, elapsed)
    if wait is None:
        return
    assert attempt < policy.attempts
    assert elapsed + wait <= policy.total_seconds
    assert math.isfinite(wait)
    assert wait >= 0
    assert asked is None or wait == asked


def test_waits_grow():
    policy = RetryPolicy(jitter=lambda: 0.5)
    assert [policy.wait(attempt, None, 0) for attempt in (1, 2, 3, 4)] == [0.5, 1, 2, None]
