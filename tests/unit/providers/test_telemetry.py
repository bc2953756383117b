"""What answers tell beside their bodies, and the word that an account gets for it."""

from dataclasses import replace
from datetime import UTC, datetime
from email.utils import format_datetime
from zoneinfo import ZoneInfo

import pytest

from tests.support.keyrings import ACCOUNT
from tui_numbers.domain import clock
from tui_numbers.providers.errors import (
    CredentialsRejected,
    Forbidden,
    NoAnswer,
    RateLimited,
    Rejected,
    SecretMissing,
    Unreachable,
)
from tui_numbers.providers.request import Telemetry
from tui_numbers.services.doctor import _clock
from tui_numbers.ui.accounts_screen import Standing, first_standing
from tui_numbers.ui.frame import Tone
from tui_numbers.ui.owned_store import AccountState, Progress

NOW = datetime(2026, 3, 2, 2, 58, tzinfo=UTC)


def test_headers_tell_clock_limit_and_when_to_ask_again():
    seen = Telemetry()
    headers = {"date": format_datetime(NOW, usegmt=True), "x-ratelimit-remaining": "41"}
    seen.take(200, headers, NOW.timestamp() + 90)
    assert (seen.status, seen.worked, seen.clock_skew, seen.remaining) == (200, True, 90, 41)
    seen.take(429, {"retry-after": "30"}, 1000.0)
    assert (seen.worked, seen.retry_at, seen.remaining) == (True, 1030.0, 41)
    seen.take(401, {}, 1001.0)
    assert seen.retry_at is None


@pytest.mark.parametrize(
    "headers",
    [
        {"date": "yesterday", "x-ratelimit-remaining": "many", "retry-after": "soon"},
        {"date": "", "x-ratelimit-remaining": "-1", "retry-after": "9" * 40},
        {"x-ratelimit-remaining": "9" * 40, "retry-after": "١٢"},
    ],
)
def test_headers_that_cannot_be_read_tell_nothing(headers):
    seen = Telemetry()
    seen.take(429, headers, 1000.0)
    assert (seen.clock_skew, seen.remaining) == (None, None)


@pytest.mark.parametrize(
    ("skew", "says"),
    [(3.0, "within 3 s"), (-90.0, "90 s behind"), (3700.0, "3,700 s ahead of")],
)
def test_the_doctor_reads_the_clock(skew, says):
    (finding,) = _clock("account uk", Telemetry(clock_skew=skew))
    assert says in finding.says
    assert bool(finding.remedy) == (abs(skew) > 60)


@pytest.mark.parametrize(
    ("error", "word"),
    [
        (CredentialsRejected("no"), "key rejected"),
        (SecretMissing("no"), "no secret"),
        (Forbidden("no"), "forbidden"),
        (Unreachable("no"), "unreachable"),
        (NoAnswer("no"), "no answer"),
        (RateLimited("no"), "rate limited"),
        (Rejected("no"), "refused"),
    ],
)
def test_every_failure_has_a_word_and_keeps_its_sentence(error, word):
    standing = Standing(ACCOUNT).failed(error)
    assert (standing.word, standing.tone) == (word, Tone.BAD)
    assert standing.sentence == str(error)
    assert standing.sentence.startswith("no")


@pytest.mark.parametrize(
    ("zone", "present", "until", "shown"),
    [
        ("UTC", "2026-03-02T02:58Z", "2026-03-02T12:30Z", "12:30"),
        ("Pacific/Auckland", "2028-02-29T10:59Z", "2028-02-29T11:01Z", "2028-03-01 00:01"),
        ("Europe/London", "2026-10-25T00:30Z", "2026-10-25T02:15Z", "02:15"),
        ("America/New_York", "2026-03-08T06:59Z", "2026-03-08T07:01Z", "03:01"),
    ],
)
def test_a_rate_limit_says_until_when(zone, present, until, shown):
    present, until = (datetime.fromisoformat(one).timestamp() for one in (present, until))
    with clock.use(clock.Clock(lambda: present, ZoneInfo(zone))):
        absolute = Standing(ACCOUNT).failed(RateLimited("no"), until)
        relative = Standing(ACCOUNT).failed(RateLimited("no", retry_after=until - present))
    assert absolute.word == relative.word == f"rate limited until {shown}"


def test_the_listing_already_tells_how_an_account_stands():
    state = AccountState("uk-sms")
    assert first_standing(ACCOUNT, None).word == "not checked"
    assert first_standing(ACCOUNT, state).word == "not checked"
    state.progress, state.error = Progress.FAILED, Unreachable("no")
    assert first_standing(ACCOUNT, state).word == "unreachable"
    state.progress = Progress.DONE
    assert first_standing(ACCOUNT, state).word == "ok"
    marked = replace(ACCOUNT, read_only=True, production=True)
    assert Standing(marked).marks == "read-only production"
