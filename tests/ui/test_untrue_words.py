"""What the dashboard says of accounts and of work under way is so, and only for as long."""

import pytest

from tests.support.dashboard import NOW, dashboard, small_world, vonage
from tui_numbers.domain.query import Total
from tui_numbers.providers.errors import (
    BadReply,
    ConfigurationProblem,
    CredentialsRejected,
    EnvironmentProblem,
    Forbidden,
    ListingIncomplete,
    NotFound,
    ProgramFailed,
    Rejected,
)
from tui_numbers.services.inventory import AccountDone, AccountFailed, OwnedPage
from tui_numbers.services.paths import Paths
from tui_numbers.ui.app import Dashboard
from tui_numbers.ui.dialogs.dialog import PageScreen
from tui_numbers.ui.frame import StatusLine
from tui_numbers.ui.owned_store import OwnedStore
from tui_numbers.ui.views.owned import why_empty
from tui_numbers.wording.values import failure_words

ROWS = tuple(vonage(f"+44770090{1000 + at}") for at in range(23))
LONG = "rest.nexmo.com answered in a way that takes a good deal more than forty characters"


def _store(*names):
    store = OwnedStore(names or ["uk-sms"])
    store.begin(names or ["uk-sms"])
    return store


def _words(store, name="uk-sms"):
    return store.accounts[name].part().text


def _fail(store, *rows, error=None):
    if rows:
        store.take(OwnedPage("uk-sms", rows, Total(99)), NOW)
    store.take(AccountFailed("uk-sms", error or ListingIncomplete(LONG)), NOW)


def test_rows_of_a_listing_that_ended_early_are_not_called_old():
    store = _store()
    _fail(store, *ROWS)
    assert _words(store) == "uk-sms: incomplete (23 read)"
    assert store.rows() == list(ROWS)


def test_rows_of_an_earlier_attempt_are_called_old():
    store = _store()
    _fail(store, *ROWS)
    store.begin(["uk-sms"])
    _fail(store)
    assert _words(store) == "uk-sms: incomplete (23 from before)"


def test_rows_of_a_complete_listing_stay_where_a_later_one_ends_early():
    store = _store()
    store.take(OwnedPage("uk-sms", ROWS, Total(23)), NOW)
    store.take(AccountDone("uk-sms", 23), NOW)
    store.begin(["uk-sms"])
    _fail(store, *ROWS[:5])
    assert _words(store) == "uk-sms: incomplete (23 from before)"
    assert len(store.rows()) == 23


@pytest.mark.parametrize(("first", "second"), [(5, 23), (0, 7), (23, 23)])
def test_the_longer_of_two_listings_that_ended_early_is_shown(first, second):
    store = _store()
    _fail(store, *ROWS[:first])
    store.begin(["uk-sms"])
    _fail(store, *ROWS[:second])
    assert _words(store) == f"uk-sms: incomplete ({second} read)"
    assert len(store.rows()) == second


@pytest.mark.parametrize(
    ("error", "word"),
    [
        (ListingIncomplete(LONG), "incomplete"),
        (Rejected(LONG), "refused"),
        (NotFound(LONG), "not found"),
        (Forbidden(LONG), "forbidden"),
        (ConfigurationProblem(LONG), "misconfigured"),
        (EnvironmentProblem(LONG), "misconfigured"),
        (ProgramFailed(LONG), "program failed"),
        (CredentialsRejected(LONG), "key rejected"),
        (BadReply(LONG), "unreadable answer"),
    ],
)
def test_why_an_account_failed_is_a_word_and_never_the_beginning_of_a_sentence(error, word):
    assert failure_words(error) == word


@pytest.mark.parametrize("dropped", [1, 45, 1200])
def test_unreadable_records_are_not_told_as_no_numbers(dropped):
    store = _store()
    store.take(OwnedPage("uk-sms", (), Total(dropped), 0, ("a record",), dropped), NOW)
    store.take(AccountDone("uk-sms", 0), NOW)
    words = why_empty(store, filtered=False, chosen=False)
    records = f"{dropped:,} record{'' if dropped == 1 else 's'}"
    assert words.startswith(f"{records} came, and none holds a usable number")
    filtered = why_empty(store, filtered=True, chosen=False)
    assert filtered.startswith(f"nothing matches; {records} could not be read")


def test_no_numbers_at_one_account_says_nothing_of_another_that_failed():
    store = _store("uk-sms", "us-desk")
    store.take(AccountFailed("uk-sms", Rejected("no")), NOW)
    store.take(AccountDone("us-desk", 0), NOW)
    words = why_empty(store, filtered=False, chosen=False)
    assert words.startswith("no numbers at the accounts that could be read")


@pytest.mark.parametrize(
    "error", [ImportError("x"), KeyError("y"), ExceptionGroup("z", [OSError()])]
)
@pytest.mark.slow_after(1)
async def test_an_exception_nobody_foresaw_is_one_accounts_failure(error):
    world = small_world()
    world.fakes["us-desk"].fails = error
    async with dashboard(world, size=(140, 40)) as seat:
        assert "us-desk: program failed" in seat.status
        assert "uk-sms 3" in seat.status
        await seat.press("at")
        await seat.dialog(PageScreen)
        await seat.shows(f"the program failed at this account ({type(error).__name__})")
    assert type(error).__name__ in Paths.of_user().log.read_text()


async def test_work_behind_the_screen_that_fails_is_said(monkeypatch):
    def broken(self, number):
        raise ZeroDivisionError

    monkeypatch.setattr(Dashboard, "operations_of", broken)
    async with dashboard(size=(120, 40)) as seat:
        await seat.until(lambda: "the program failed (ZeroDivisionError)" in seat.status)
    assert "ZeroDivisionError" in Paths.of_user().log.read_text()


async def test_what_fails_while_the_dashboard_is_left_fails_nothing_more():
    async with dashboard() as seat:
        await seat.app.main.query_one(StatusLine).remove()
        seat.app.tell_failure(ZeroDivisionError("left"))
        with seat.app.saying("asking"):
            assert "the program failed (ZeroDivisionError)" in seat.app.session_log.lines[-2]


def _too_late():
    raise ZeroDivisionError("left")


LATE = {
    "a callback of the screen": lambda app: app.main.call_later(_too_late),
    "one of a view": lambda app: app.main.owned.call_later(_too_late),
    "one of the app": lambda app: app.call_later(_too_late),
}
NEVER = {
    "what waits for a frame": lambda app: app.main.owned.call_after_refresh(_too_late),
    "a timer": lambda app: app.main.owned.set_timer(0.0001, _too_late),
    "work in a thread": lambda app: app.main.run_worker(_too_late, thread=True),
}


@pytest.mark.parametrize(
    ("begin", "is_logged"),
    [*((one, True) for one in LATE.values()), *((one, False) for one in NEVER.values())],
    ids=[*LATE, *NEVER],
)
async def test_what_comes_too_late_fails_no_dashboard_that_is_left(begin, is_logged):
    async with dashboard() as seat:
        seat.app.exit()
        begin(seat.app)
    assert seat.app.failure is None
    if is_logged:
        assert "ZeroDivisionError" in Paths.of_user().log.read_text()
