"""One number that was read by itself takes its place among thousands."""

from dataclasses import replace
from datetime import timedelta

from tests.support.dashboard import NOW, vonage
from tui_numbers.domain.query import Total
from tui_numbers.services.inventory import AccountDone, OwnedPage
from tui_numbers.ui.owned_store import OwnedStore

FIRST, MIDDLE, LAST = (vonage(f"+44770090{at}") for at in (1000, 2000, 3000))


def listed(*numbers):
    store = OwnedStore(["uk-sms"])
    store.begin(["uk-sms"])
    store.take(OwnedPage("uk-sms", numbers, Total(len(numbers))), NOW)
    store.take(AccountDone("uk-sms", len(numbers)), NOW)
    return store


def test_numbers_are_found_and_stand_in_order_whatever_was_read_of_them():
    store = listed(LAST, FIRST)
    store.replace("uk-sms", MIDDLE.number, MIDDLE)
    assert store.rows() == [FIRST, MIDDLE, LAST]
    renamed = replace(FIRST, name="Front desk")
    store.replace("uk-sms", FIRST.number, renamed)
    store.replace("uk-sms", LAST.number, None)
    assert store.rows() == [renamed, MIDDLE]
    assert store.find(MIDDLE.number) == MIDDLE
    assert store.find(LAST.number) is None


def test_what_was_read_earlier_never_replaces_what_was_read_later():
    store = listed(FIRST)
    older = replace(FIRST, name="old", seen_at=NOW - timedelta(minutes=1))
    store.replace("uk-sms", FIRST.number, older)
    assert store.find(FIRST.number) == FIRST


def test_a_number_is_found_while_its_listing_is_under_way():
    store = OwnedStore(["uk-sms"])
    store.begin(["uk-sms"])
    store.take(OwnedPage("uk-sms", (LAST, FIRST), Total(3)), NOW)
    assert store.find(FIRST.number) == FIRST


def test_what_a_listing_tells_again_is_kept_once():
    store = listed(FIRST)
    again = replace(FIRST, settings=dict(FIRST.settings), seen_at=NOW + timedelta(minutes=5))
    store.begin(["uk-sms"])
    store.take(OwnedPage("uk-sms", (again,), Total(1)), NOW)
    store.take(AccountDone("uk-sms", 1), NOW)
    (row,) = store.rows()
    assert row.seen_at == again.seen_at
    assert row.settings is FIRST.settings
