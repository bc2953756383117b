"""Words for values, whichever face shows them."""

import pytest

from tests.support.fake_provider import owned
from tui_numbers.domain.numbers import Target, Undisclosed
from tui_numbers.providers import errors
from tui_numbers.wording.values import failure_words, standing_words, target_words


@pytest.mark.parametrize(
    ("target", "words"),
    [
        (None, "—"),
        (Target("application", "x", "Support IVR"), "app Support IVR"),
        (Target("application", "x", "Application"), "app Application"),
        (Target("flow", "c1", "Flow"), "flow Flow"),
        (Target("application", "x"), "app x"),
        (Undisclosed("flow", "Flow"), "flow (which one is not told)"),
        (Undisclosed("queue"), "queue (which one is not told)"),
        (Undisclosed("flow", "After hours"), "flow After hours"),
        (Target("phone", "+442079460999"), "phone +44 20 7946 0999"),
        (Target("phone", "1300 975 707"), "phone 1300 975 707"),
        (Target("sip", "sip:desk@pbx.example"), "sip:desk@pbx.example"),
        (Target("webhook", "https://app.example/sms"), "https://app.example/sms"),
        (Target("vxml", "https://ivr.example/menu"), "vxml https://ivr.example/menu"),
        (Target("phone", "+4402079460999"), "phone +4402079460999"),
    ],
)
def test_a_target_is_its_kind_and_its_name_or_value(target, words):
    assert target_words(target) == words


@pytest.mark.parametrize(
    ("status", "words"),
    [("active", "locked"), (None, "locked"), ("pending", "locked pending")],
)
def test_a_table_says_that_a_number_is_locked(status, words):
    number = owned(status=status)
    assert standing_words(number, locked=True) == words
    assert standing_words(number, locked=False) == (status or "—")


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (errors.RateLimited, "rate limited"),
        (errors.BadReply, "unreadable answer"),
        (errors.NoAnswer, "no answer"),
        (errors.ServerFault, "server fault"),
        (errors.ListingIncomplete, "incomplete"),
        (errors.NotFound, "not found"),
        (errors.Rejected, "refused"),
        (errors.CredentialsRejected, "key rejected"),
    ],
)
def test_how_an_account_failed_is_a_word_or_two_however_long_the_reason(error, words):
    assert failure_words(error("a reason " * 20)) == words
