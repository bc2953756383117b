import time
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tests.support.fake_provider import (
    ACCOUNT,
    INFO,
    NUMBER,
    OTHER,
    FakeProvider,
    available,
    instant,
    owned,
    phone,
    session,
)
from tui_numbers.domain.accounts import Secret
from tui_numbers.domain.changes import Change, Set
from tui_numbers.domain.operations import JournalError, Outcome
from tui_numbers.providers.errors import (
    CredentialsRejected,
    NoAnswer,
    NotFound,
    RateLimited,
    Rejected,
    ServerFault,
    Unreachable,
)
from tui_numbers.providers.http import Api
from tui_numbers.providers.pacing import Timing
from tui_numbers.providers.request import Basic
from tui_numbers.services.planning import Consent, plan_buy, plan_release, plan_retarget, plan_set
from tui_numbers.services.preview import Preview
from tui_numbers.services.settling import settle
from tui_numbers.storage.sqlite_journal import SqliteJournal
from tui_numbers.testing.bench import Clock

YES = Consent(given=True)
TO = phone("+442079460000")


def _held(**settings):
    return FakeProvider({NUMBER: owned(**settings)})


async def _retarget(provider, consent=YES, account=ACCOUNT, writer=None, seen=None, **options):
    writer = writer or session(provider, account)
    plan = plan_retarget(account, INFO, seen or provider.numbers[NUMBER], TO)
    return writer, await writer.apply(plan, consent, **options)


async def test_a_retarget_is_recorded_sent_once_and_verified():
    provider = _held(app="app:a1")
    writer, result = await _retarget(provider, reason="INC-7")
    assert result.outcome is Outcome.VERIFIED
    assert result.observed.routing["voice"] == TO
    assert provider.sent == [("update", NUMBER)]
    (recorded,) = writer.journal.operations()
    assert (recorded.outcome, recorded.reason) == (Outcome.VERIFIED, "INC-7")
    assert recorded.before.settings["voice"] is None
    assert recorded.observed.settings["voice"] == TO.text
    assert recorded.keys == ("voice",)


async def test_what_is_already_so_is_unchanged_and_not_sent():
    provider = _held(voice=TO.text)
    writer, result = await _retarget(provider)
    assert result.outcome is Outcome.UNCHANGED
    assert provider.sent == []
    assert writer.journal.operations() == []


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (Rejected("no"), Outcome.FAILED),
        (RateLimited("slow"), Outcome.FAILED),
        (Unreachable("no host"), Outcome.FAILED),
        (CredentialsRejected("key"), Outcome.FAILED),
        (NoAnswer("gone"), Outcome.UNKNOWN),
        (ServerFault("500"), Outcome.UNKNOWN),
    ],
)
async def test_a_write_that_fails_before_it_is_made(error, outcome):
    provider = _held()
    provider.refuse = error
    writer, result = await _retarget(provider)
    assert result.outcome is outcome
    assert provider.sent == [("update", NUMBER)]
    assert writer.journal.operations()[0].outcome is outcome


async def test_a_lost_answer_is_verified_by_the_read_back():
    provider = _held()
    provider.lose_answer = NoAnswer("gone")
    _, result = await _retarget(provider)
    assert result.outcome is Outcome.VERIFIED
    assert provider.sent == [("update", NUMBER)]


async def test_accepted_and_not_applied_is_different():
    provider = _held()
    provider.skip_change = True
    _, result = await _retarget(provider)
    assert result.outcome is Outcome.DIFFERENT


async def test_a_change_that_nobody_asked_for_is_different():
    provider = _held(app="app:a1")
    provider.also = {"app": None}
    _, result = await _retarget(provider)
    assert result.outcome is Outcome.DIFFERENT
    assert "nobody asked for" in result.error


async def test_slow_visibility_is_waited_for():
    provider = _held()
    provider.visible_after = 4
    _, result = await _retarget(provider)
    assert result.outcome is Outcome.VERIFIED


async def test_a_read_back_that_fails_for_good_is_unknown():
    provider = _held()
    provider.failing_reads = {read: RateLimited("slow") for read in range(2, 20)}
    _, result = await _retarget(provider)
    assert result.outcome is Outcome.UNKNOWN
    assert "cannot be read back: slow" in result.error


async def test_a_fresh_read_that_fails_sends_nothing():
    provider = _held()
    provider.failing_reads = {1: Unreachable("no host")}
    _, result = await _retarget(provider)
    assert (result.outcome, provider.sent) == (Outcome.FAILED, [])
    assert result.error == "not sent: no host"


async def test_what_changed_since_it_was_shown_is_refused_with_both():
    provider = _held(voice="phone:+442079460999")
    _, result = await _retarget(provider, seen=owned())
    assert (result.outcome, provider.sent) == (Outcome.REFUSED, [])
    assert "changed since it was shown" in result.error
    assert result.current.settings["voice"] == "phone:+442079460999"


async def test_names_and_times_are_no_conflict():
    provider = _held()
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    seen = replace(owned(), name="Other", updated_at=long_ago, seen_at=long_ago)
    _, result = await _retarget(provider, seen=seen)
    assert result.outcome is Outcome.VERIFIED


async def test_a_number_that_is_gone_is_refused():
    provider = _held()
    seen = provider.numbers.pop(NUMBER)
    _, result = await _retarget(provider, seen=seen)
    assert "does not hold" in result.error


@pytest.mark.parametrize(
    ("account", "options", "said", "attempted"),
    [
        (ACCOUNT, {"consent": Consent()}, "not confirmed", False),
        (replace(ACCOUNT, production=True), {}, "--confirm desk", False),
        (replace(ACCOUNT, read_only=True), {"consent": Consent()}, "read_only = true", False),
        (replace(ACCOUNT, read_only=True), {}, "read_only = true", True),
        (replace(ACCOUNT, require_reason=True), {}, "requires a reason", True),
    ],
)
async def test_protected_accounts_refuse_under_every_caller(account, options, said, attempted):
    provider = _held()
    writer, result = await _retarget(provider, account=account, **options)
    assert (result.outcome, provider.sent, provider.reads) == (Outcome.REFUSED, [], 0)
    assert said in result.error
    recorded = writer.journal.operations()
    assert [(one.id, one.outcome, one.error, one.begun) for one in recorded] == (
        [(result.operation, Outcome.REFUSED, result.error, False)] if attempted else []
    )


async def test_a_lone_conflict_is_in_the_history_with_what_was_found():
    provider = _held()
    shown = provider.numbers[NUMBER]
    provider.numbers[NUMBER] = owned(voice="phone:+442079460777")
    writer, result = await _retarget(provider, seen=shown, reason="INC-7")
    assert (result.outcome, provider.sent) == (Outcome.REFUSED, [])
    (kept,) = writer.journal.operations()
    assert (kept.outcome, kept.error, kept.reason) == (Outcome.REFUSED, result.error, "INC-7")
    assert kept.observed.settings["voice"] == "phone:+442079460777"
    assert kept.before.settings["voice"] is None
    assert kept.requested.settings["voice"] == TO.text


async def test_a_production_account_that_is_named_goes_on():
    consent = Consent(given=True, production=frozenset({"desk"}))
    _, result = await _retarget(_held(), consent, replace(ACCOUNT, production=True))
    assert result.outcome is Outcome.VERIFIED


async def test_locked_numbers_are_never_changed_among_several():
    provider = _held()
    writer = session(provider, locks=frozenset({NUMBER}))
    _, result = await _retarget(provider, writer=writer, several=True)
    assert "locked" in result.error
    _, alone = await _retarget(provider, writer=writer)
    assert alone.outcome is Outcome.VERIFIED


async def test_a_locked_number_says_so_before_it_is_changed_alone():
    provider = _held()
    writer = session(provider, locks=frozenset({NUMBER}))
    plan = plan_retarget(ACCOUNT, INFO, owned(), TO)
    warned = await Preview(writer).of(plan)
    assert warned.warnings[0].startswith("the number is locked: never changed together")
    free_changes = session(provider)
    free = await Preview(free_changes).of(plan)
    assert not any("locked" in line for line in free.warnings)


async def test_the_read_only_flag_holds_for_everything():
    provider = _held()
    _, result = await _retarget(provider, writer=session(provider, read_only=True))
    assert result.error == "read-only: started with --read-only"


async def test_a_dry_run_says_what_would_be_refused():
    provider = _held()
    plan = plan_retarget(ACCOUNT, INFO, owned(), TO)
    assert session(provider).planned(plan).outcome is Outcome.PLANNED
    refused = session(provider, locks=frozenset({NUMBER})).planned(plan, several=True)
    assert refused.outcome is Outcome.REFUSED
    assert provider.sent == []


class _Unwritable(SqliteJournal):
    def begin(self, operation, mark=None, claim=""):
        raise JournalError("disk full")


class _Forgetful(SqliteJournal):
    def finish(self, operation, outcome, seen, error, reference=None):
        raise JournalError("disk full")


async def test_what_cannot_be_recorded_is_not_sent():
    provider = _held()
    writer = session(provider, journal=_Unwritable(None))
    _, result = await _retarget(provider, writer=writer)
    assert (result.outcome, provider.sent) == (Outcome.REFUSED, [])


async def test_an_outcome_that_cannot_be_recorded_is_said():
    provider = _held()
    writer = session(provider, journal=_Forgetful(None))
    _, result = await _retarget(provider, writer=writer)
    assert result.outcome is Outcome.VERIFIED
    assert "could not be recorded" in result.error


async def test_a_failing_program_leaves_an_unknown():
    provider = _held()
    provider.refuse = ZeroDivisionError()
    writer = session(provider)
    _, result = await _retarget(provider, writer=writer)
    assert result.outcome is Outcome.UNKNOWN
    assert writer.journal.operations()[0].outcome is Outcome.UNKNOWN


async def test_releasing_needs_the_number_again_and_never_goes_in_bulk():
    provider = _held()
    writer = session(provider)
    plan = plan_release(ACCOUNT, INFO, owned())
    assert (await writer.apply(plan, YES)).outcome is Outcome.REFUSED
    named = Consent(given=True, released=frozenset({NUMBER}))
    assert (await writer.apply(plan, named, several=True)).outcome is Outcome.REFUSED
    assert provider.sent == []
    assert (await writer.apply(plan, named)).outcome is Outcome.VERIFIED
    assert provider.numbers == {}


async def test_a_locked_number_is_never_released():
    writer = session(_held(), locks=frozenset({NUMBER}))
    named = Consent(given=True, released=frozenset({NUMBER}))
    result = await writer.apply(plan_release(ACCOUNT, INFO, owned()), named)
    assert "never released" in result.error


async def test_buying_points_the_number_afterwards_and_keeps_the_reason():
    provider = FakeProvider()
    strict = replace(ACCOUNT, require_reason=True)
    writer = session(provider, strict)
    plan = plan_buy(strict, INFO, available(), TO)
    bought, pointed = await writer.buy(plan, YES, reason="INC-7")
    assert (bought.outcome, pointed.outcome) == (Outcome.VERIFIED, Outcome.VERIFIED)
    assert provider.sent == [("buy", OTHER), ("update", OTHER)]
    second, first = writer.journal.operations()
    assert first.batch == second.batch
    assert first.reason == second.reason == "INC-7"


async def test_a_purchase_whose_answer_is_lost_is_sent_once_and_verified():
    provider = FakeProvider(lose_answer=NoAnswer("gone"))
    (result,) = await session(provider).buy(plan_buy(ACCOUNT, INFO, available(), None), YES)
    assert result.outcome is Outcome.VERIFIED
    assert provider.sent == [("buy", OTHER)]


async def test_a_number_that_is_held_is_not_bought_again():
    provider = FakeProvider({OTHER: owned(OTHER)})
    (result,) = await session(provider).buy(plan_buy(ACCOUNT, INFO, available(), None), YES)
    assert (result.outcome, provider.sent) == (Outcome.UNCHANGED, [])


async def test_set_keeps_what_is_not_named():
    provider = _held(name="old", app="app:a1", sms="hook:https://h.example")
    plan = plan_set(ACCOUNT, INFO, provider.numbers[NUMBER], Change({"name": Set("new")}))
    result = await session(provider).apply(plan, YES)
    assert result.observed.settings == {
        "app": "app:a1",
        "voice": None,
        "sms": "hook:https://h.example",
        "name": "new",
        "recording": None,
    }


def _gone(error):
    """A provider that refuses to release a number which is not there by then."""
    provider = FakeProvider({OTHER: owned(OTHER)})
    real = provider.release

    async def release(number):
        del provider.numbers[OTHER]
        provider.refuse = error
        await real(number)

    provider.release = release
    return provider


RELEASED = Consent(given=True, released=frozenset({OTHER}))
REFUSALS = [
    NotFound("knows no such thing"),
    Rejected("refused (HTTP 410)"),
    Rejected("refused (HTTP 420): method failed"),
    Rejected("refused (HTTP 409)"),
]


@pytest.mark.parametrize("error", REFUSALS, ids=str)
async def test_a_refused_release_of_a_number_that_is_gone_says_so(error):
    provider = _gone(error)
    result = await session(provider).apply(plan_release(ACCOUNT, INFO, owned(OTHER)), RELEASED)
    assert (result.outcome, result.observed) == (Outcome.VERIFIED, None)
    assert result.error == f"{error.message}; but desk does not hold the number"


@pytest.mark.parametrize("error", REFUSALS, ids=str)
async def test_a_refused_release_of_a_number_that_is_still_held_failed(error):
    provider = FakeProvider({OTHER: owned(OTHER)}, refuse=error)
    result = await session(provider).apply(plan_release(ACCOUNT, INFO, owned(OTHER)), RELEASED)
    assert (result.outcome, result.error) == (Outcome.FAILED, str(error))


@pytest.mark.parametrize("error", REFUSALS, ids=str)
async def test_a_refused_release_that_cannot_be_read_back_is_unknown(error):
    provider = _gone(error)
    provider.failing_reads = {read: Unreachable("no host") for read in range(2, 20)}
    result = await session(provider).apply(plan_release(ACCOUNT, INFO, owned(OTHER)), RELEASED)
    assert result.outcome is Outcome.UNKNOWN


@pytest.mark.parametrize("error", REFUSALS, ids=str)
async def test_a_refused_purchase_whose_first_answer_was_lost_is_found_held(error):
    provider = FakeProvider(lose_answer=error)
    (result,) = await session(provider).buy(plan_buy(ACCOUNT, INFO, available(), None), YES)
    assert result.outcome is Outcome.VERIFIED
    provider = FakeProvider(refuse=error)
    (result,) = await session(provider).buy(plan_buy(ACCOUNT, INFO, available(), None), YES)
    assert (result.outcome, result.error) == (Outcome.FAILED, str(error))


@pytest.mark.parametrize("error", [CredentialsRejected("key"), RateLimited("slow")], ids=str)
async def test_what_was_turned_away_at_the_door_is_not_read_back(error):
    provider = FakeProvider({OTHER: owned(OTHER)}, refuse=error)
    result = await session(provider).apply(plan_release(ACCOUNT, INFO, owned(OTHER)), RELEASED)
    assert (result.outcome, provider.reads) == (Outcome.FAILED, 1)


async def test_an_accepted_purchase_that_cannot_be_read_back_is_pending_and_says_its_target():
    provider = FakeProvider()
    provider.failing_reads = {read: Unreachable("no host") for read in range(2, 20)}
    (result,) = await session(provider).buy(plan_buy(ACCOUNT, INFO, available(), TO), YES)
    assert result.outcome is Outcome.PENDING
    assert "it cannot be read back: no host" in result.error
    assert "it points nowhere until then" in result.error


FOR_ANOTHER = replace(INFO, acts_for="mode")
SUB = replace(ACCOUNT, fields={"user": "abc", "mode": "two"})


async def test_a_purchase_for_another_account_is_pending_and_never_called_undone():
    provider = FakeProvider(skip_change=True)
    writer = session(provider, SUB, FOR_ANOTHER)
    plan = plan_buy(SUB, FOR_ANOTHER, available(), None)
    assert any("its own key settles that" in warning for warning in plan.warnings)
    (result,) = await writer.buy(plan, YES)
    assert result.outcome is Outcome.PENDING
    assert "it is for two, whose numbers this account's key does not list" in result.error
    reason = await settle(writer.workspace, writer.journal, writer.journal.operations()[0])
    assert "does not list" in reason
    assert writer.journal.operations()[0].outcome is Outcome.PENDING


@pytest.mark.parametrize("error", [NoAnswer("gone"), ServerFault("500")], ids=str)
async def test_a_lost_purchase_for_another_account_stays_unknown(error):
    provider = FakeProvider(refuse=error)
    writer = session(provider, SUB, FOR_ANOTHER)
    (result,) = await writer.buy(plan_buy(SUB, FOR_ANOTHER, available(), None), YES)
    assert result.outcome is Outcome.UNKNOWN
    writer.workspace.http.timing = Timing(wall=lambda: time.time() + 86_400, sleep=instant)
    await settle(writer.workspace, writer.journal, writer.journal.operations()[0])
    assert writer.journal.operations()[0].outcome is Outcome.UNKNOWN


async def test_what_another_account_alone_can_do_is_refused_with_the_reason():
    provider = FakeProvider({OTHER: owned(OTHER)})
    writer = session(provider, SUB, FOR_ANOTHER)
    release = await writer.apply(plan_release(SUB, FOR_ANOTHER, owned(OTHER)), RELEASED)
    (pointed,) = await writer.buy(plan_buy(SUB, FOR_ANOTHER, available(NUMBER), TO), YES)
    assert {release.outcome, pointed.outcome} == {Outcome.REFUSED}
    assert "mode is set, so a release means a number of two" in release.error
    assert "cannot be pointed from here" in pointed.error
    assert provider.sent == []


async def test_a_request_that_waited_too_long_for_its_turn_is_not_sent():
    clock = Clock()
    provider = _held()
    writer = session(provider)
    writer.workspace.http.timing = clock.timing
    account = replace(ACCOUNT, base_url="http://127.0.0.1:9")
    api = Api(writer.workspace.http, account, Secret("pin"), INFO.pace)
    door = api.endpoint("http://127.0.0.1:9", Basic("abc"))

    async def update(number, change):
        # What is read before the request leaves takes its time.
        clock.ahead += 61
        await door.send("POST", "/numbers")

    provider.update = update
    _, result = await _retarget(provider, writer=writer)
    assert result.outcome is Outcome.FAILED
    assert "waited too long for its turn" in result.error
