"""What is wrong with owned numbers: one test for each code, and what is not known."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.support.fake_provider import INFO, NUMBER, OTHER, SMS, VOICE, owned
from tests.support.operations import operation
from tui_numbers.domain import clock
from tui_numbers.domain.e164 import E164
from tui_numbers.domain.numbers import Target, TargetOption
from tui_numbers.domain.operations import Action, Outcome
from tui_numbers.domain.temporary import End, EndState
from tui_numbers.providers.parakeet.info import INFO as PARAKEET
from tui_numbers.services.findings import CODES, FIXES, Known, find

APP = TargetOption(Target("app", "a1", "Desk"), (VOICE, SMS))
THIRD = E164("+447700900125")


def end(until, state=EndState.WAITING):
    """The end of a temporary change of the number."""
    return End("a1", "b1", "desk", NUMBER, Action.RETARGET, until, state)


def known(*numbers, options=(APP,), **more):
    accounts = list(dict.fromkeys(number.account for number in numbers)) or ["desk"]
    listed = {} if options is None else dict.fromkeys(accounts, options)
    return Known(numbers, dict.fromkeys(accounts, INFO), listed, **more)


def told(found):
    """Codes and sentences of all findings."""
    return [(one.code, one.text) for one in found.every()]


def test_a_number_that_is_in_order_has_none():
    assert find(known(owned(app="app:a1"))).every() == []


@pytest.mark.parametrize(
    ("capabilities", "words"),
    [
        (("voice", "sms"), "calls and SMS go nowhere"),
        (("voice",), "calls go nowhere"),
        (("sms",), "SMS goes nowhere"),
        ((), "calls and SMS go nowhere"),
    ],
)
def test_unrouted_says_what_goes_nowhere(capabilities, words):
    assert told(find(known(owned(capabilities=capabilities)))) == [("unrouted", words)]


def test_a_target_that_its_account_does_not_list_is_gone():
    found = find(known(owned(app="app:a7")))
    assert told(found) == [
        ("target_gone", "calls and SMS go to app a7, which the account does not list")
    ]
    assert found.every()[0].urgent


def test_without_a_listing_of_targets_nothing_is_said_to_be_gone():
    found = find(known(owned(app="app:a7"), options=None))
    assert (found.every(), found.unchecked) == ([], ("desk",))
    assert find(known(owned(voice="phone:+447700900556"), options=None)).unchecked == ()


def test_the_case_of_an_identifier_makes_no_other_target():
    assert find(known(owned(app="app:A1"))).every() == []


def test_a_target_that_is_known_only_by_the_numbers_that_point_at_it_is_never_gone():
    number = replace(owned(), routing={VOICE: Target("team", "TM9")})
    assert find(Known([number], {"desk": PARAKEET}, {"desk": ()})).every() == []
    number = replace(owned(), routing={VOICE: Target("user", "US9")})
    assert [
        one.code for one in find(Known([number], {"desk": PARAKEET}, {"desk": ()})).every()
    ] == ["target_gone"]


@pytest.mark.parametrize(
    ("option", "words", "urgent"),
    [
        (TargetOption(APP.target, ()), "calls and SMS go to app Desk, which takes neither", True),
        (TargetOption(APP.target, (SMS,)), "calls go to app Desk, which takes SMS alone", True),
        (TargetOption(APP.target, (VOICE,)), "SMS goes to app Desk, which takes calls", False),
        (TargetOption(APP.target, (), "it is not active"), "takes nothing: it is not active", True),
    ],
)
def test_a_target_that_does_not_take_what_it_gets_is_not_ready(option, words, urgent):
    (one,) = find(known(owned(app="app:a1"), options=(option,))).every()
    assert (one.code, one.urgent) == ("target_not_ready", urgent)
    assert words in one.text


def test_what_a_number_cannot_carry_need_not_be_taken():
    voice_alone = TargetOption(APP.target, (VOICE,))
    number = owned(capabilities=("voice",), app="app:a1")
    assert find(known(number, options=(voice_alone,))).every() == []


@pytest.mark.parametrize("stored", ["442079460999", "+4402079460999", "+999123456"])
def test_a_stored_phone_number_that_is_none_is_told_as_it_is_stored(stored):
    (one,) = find(known(owned(voice=f"phone:{stored}"))).every()
    assert one.code == "malformed_target"
    assert one.text.startswith(f"calls cannot arrive: {stored} is no")


def test_a_number_that_points_at_itself_is_a_ring():
    found = find(known(owned(voice=f"phone:{NUMBER}")))
    assert told(found) == [("ring", "calls go to the number itself")]


def test_a_ring_is_told_at_each_of_its_numbers_and_at_those_that_lead_into_it():
    numbers = (
        owned(NUMBER, voice=f"phone:{OTHER}"),
        replace(owned(OTHER, voice=f"phone:{NUMBER}"), account="other"),
        owned(THIRD, voice=f"phone:{NUMBER}"),
        owned(E164("+447700900126"), voice="phone:+447700900556"),
    )
    found = find(known(*numbers))
    assert [(one.number, one.code) for one in found.every()] == [
        (NUMBER, "ring"), (THIRD, "ring"), (OTHER, "ring"),
    ]  # fmt: skip
    assert found.of(numbers[2])[0].text == (
        "calls go round: +44 7700 900125 -> +44 7700 900123 -> +44 7700 900124 -> +44 7700 900123"
    )


def test_a_chain_that_ends_somewhere_is_no_ring():
    numbers = (
        owned(NUMBER, voice=f"phone:{OTHER}"),
        owned(OTHER, voice=f"phone:{THIRD}"),
        owned(THIRD, voice="phone:+447700900556"),
    )
    assert find(known(*numbers)).every() == []


def test_a_number_that_two_accounts_hold_is_a_duplicate_at_both():
    here = owned(app="app:a1")
    found = find(known(here, replace(here, account="other")))
    assert [(one.account, one.text) for one in found.every()] == [
        ("desk", "other holds it too"), ("other", "desk holds it too"),
    ]  # fmt: skip
    assert not any(one.urgent for one in found.every())


@pytest.mark.parametrize("status", ["porting", "pending"])
def test_a_number_that_waits_is_told_after_a_week(status):
    def waiting(days, **more):
        since = clock.now() - timedelta(days=days)
        return replace(owned(app="app:a1", status=status), created_at=since, **more)

    assert told(find(known(waiting(8)))) == [(status, f"{status} for 8 days")]
    assert find(known(waiting(6))).every() == []
    # Something was done to it since, which may have been when the waiting began.
    assert find(known(waiting(90, updated_at=clock.now()))).every() == []
    assert find(known(owned(app="app:a1", status=status))).every() == []


def test_what_is_decided_elsewhere_is_told_and_is_not_unrouted():
    text = "SMS is decided by Messaging Service Desk"
    found = find(known(replace(owned(), elsewhere={SMS: text})))
    assert told(found) == [("decided_elsewhere", text)]


def test_an_operation_of_unknown_outcome_is_told_though_its_number_is_not_listed():
    one = operation("a1", account="desk", number=NUMBER, outcome=Outcome.UNKNOWN)
    (told_of,) = find(known(operations=[one])).every()
    assert (told_of.account, told_of.number, told_of.code) == ("desk", NUMBER, "unknown")
    assert told_of.urgent


def test_a_purchase_that_is_pending_is_told_after_a_week():
    old = clock.now() - timedelta(days=8)
    one = operation("a1", account="desk", number=NUMBER, outcome=Outcome.PENDING, started_at=old)
    assert [told_of.code for told_of in find(known(operations=[one])).every()] == ["pending"]
    young = replace(one, started_at=clock.now())
    assert find(known(operations=[young])).every() == []


def test_the_end_of_a_temporary_change_is_overdue_or_a_conflict():
    past, later = clock.now() - timedelta(hours=1), clock.now() + timedelta(hours=1)
    number = owned(app="app:a1")

    def codes(*ends):
        return [one.code for one in find(known(number, ends=ends)).every()]

    assert codes(end(past)) == ["overdue"]
    assert codes(end(later)) == []
    assert codes(end(past, EndState.CONFLICT)) == ["conflict"]


def test_the_urgent_ones_of_a_number_come_first_and_each_code_has_a_remedy():
    number = replace(owned(voice="phone:12"), status="porting")
    number = replace(number, created_at=clock.now() - timedelta(days=30))
    assert [one.code for one in find(known(number)).every()] == ["malformed_target", "porting"]
    assert set(CODES) == set(FIXES)
    assert all(FIXES.values())


def test_counts_are_by_code():
    found = find(known(owned(NUMBER), owned(OTHER), owned(THIRD, voice="phone:12")))
    assert list(found.counts.items()) == [("malformed_target", 1), ("unrouted", 2)]


@pytest.mark.slow
def test_a_hundred_thousand_numbers_are_judged_with_turns_for_others():
    routed = owned(app="app:a1")
    numbers = [replace(routed, number=E164(f"+44770{at:07}"), id=str(at)) for at in range(100_000)]
    numbers[70_000] = replace(owned(), number=numbers[70_000].number)
    turns = []
    found = find(known(*numbers), lambda: turns.append(1))
    assert [one.number for one in found.every()] == ["+447700070000"]
    assert len(turns) > 20
