"""Operations that are open: what commands say of them, and what sends over them."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from tests.support.clock import age
from tests.support.command_line import AU, TO, UK
from tests.support.fake_provider import ACCOUNT, INFO, owned, phone
from tests.support.operations import operation
from tui_numbers.cli import write_dialogue
from tui_numbers.cli.options import WriteOptions
from tui_numbers.domain.operations import Outcome
from tui_numbers.sandbox.accounts import VONAGE_SUBACCOUNT_KEY
from tui_numbers.services.paths import Paths
from tui_numbers.services.planning import plan_retarget

OTHER = "+442079460111"
LOST = "*:update:not-applied;*:update:reset-after"


def _left_open(served, number=UK, to=TO):
    """Leave a retarget unknown that was not done; return its identifier."""
    served.misbehave(LOST)
    ran = served.run("retarget", number, "--to", to, "--yes")
    served.sandbox.faults.clear()
    assert (ran.code, ran.outcomes) == (5, ["unknown"])
    return ran.json[0]["operation"]


def _sent(served):
    return sum(request.route == "update" for request in served.sandbox.requests)


WRITES = [
    (UK, "retarget", UK, "--to", OTHER),
    (UK, "set", UK, "voice_status=https://hooks.example/ended"),
    (AU, "set", AU, "friendly=Night desk"),
]


@pytest.mark.parametrize(("number", "words"), [(one[0], one[1:]) for one in WRITES])
@pytest.mark.slow_after(1)
def test_a_write_over_an_open_operation_wants_it_named(served, number, words):
    earlier = _left_open(served, number)
    sent = _sent(served)
    plain = served.run(*words, "--yes")
    assert (plain.code, plain.outcomes, _sent(served)) == (6, ["refused"], sent)
    assert f"--over {earlier}" in plain.json[0]["error"]
    assert "warning: the retarget of 20" in plain.err
    assert f"is unknown ({earlier}): it may still change this number" in plain.err
    wrong = served.run(*words, "--yes", "--over", "another")
    assert (wrong.code, _sent(served)) == (6, sent)
    named = served.run(*words, "--yes", "--over", earlier)
    assert (named.code, named.outcomes, _sent(served)) == (0, ["verified"], sent + 1)


def test_a_release_over_an_open_operation_wants_it_named(served):
    earlier = _left_open(served)
    words = ["release", UK, "--account", "uk-sms", "--confirm", UK]
    plain = served.run(*words)
    assert (plain.code, plain.outcomes) == (6, ["refused"])
    assert f"--over {earlier}" in plain.json[0]["error"]
    named = served.run(*words, "--over", earlier)
    assert (named.code, named.outcomes) == (0, ["verified"])


def test_in_a_list_of_numbers_the_others_are_sent(served):
    earlier = _left_open(served)
    ran = served.run("retarget", UK, AU, "--to", OTHER, "--yes")
    outcomes = {row["number"]: row["outcome"] for row in ran.json}
    assert (ran.code, outcomes) == (4, {UK: "refused", AU: "verified"})
    rest = served.run("retarget", UK, AU, "--to", OTHER, "--yes", "--over", earlier)
    assert (rest.code, sorted(rest.outcomes)) == (0, ["unchanged", "verified"])


def test_a_dry_run_shows_the_open_operation(served):
    earlier = _left_open(served)
    ran = served.run("retarget", UK, "--to", OTHER, "--dry-run")
    assert (ran.code, ran.outcomes) == (0, ["planned"])
    assert earlier in ran.err


@pytest.mark.parametrize("number", [UK, AU])
def test_settling_too_early_says_when_to_ask_again(served, number):
    _left_open(served, number)
    early = served.run("history", "--settle")
    assert (early.code, early.outcomes) == (5, ["unknown"])
    assert "stays unknown: too early, asked again at " in early.err
    age(Paths.of_user().journal)
    settled = served.run("history", "--settle")
    assert (settled.code, settled.outcomes) == (0, ["failed"])


def test_undo_notices_that_a_failure_by_reading_was_done_after_all(served):
    before = served.run("show", AU).json["settings"]
    served.misbehave("*:update:slow-visible:seconds=86400;*:update:reset-after")
    lost = served.run("retarget", AU, "--to", TO, "--yes")
    served.sandbox.faults.clear()
    operation = lost.json[0]["operation"]
    age(Paths.of_user().journal)
    assert served.run("history", "--settle").outcomes == ["failed"]
    served.sandbox.world.fonedynamics.numbers._shadows.clear()
    back = served.run("undo", operation, "--yes")
    assert (back.code, back.outcomes) == (0, ["verified"])
    assert served.run("show", AU).json["settings"] == before
    assert served.run("history").outcomes == ["verified", "verified"]


def test_a_purchase_that_is_not_listed_yet_is_pending_everywhere(served):
    served.misbehave("*:buy:slow-visible:seconds=86400")
    number = "+61255506199"
    ran = served.run("buy", number, "--account", "au-sales", "--yes")
    assert (ran.code, ran.outcomes) == (5, ["pending"])
    assert "do not buy it again" in ran.err
    history = served.run("history", "--outcome", "pending")
    assert history.outcomes == ["pending"]
    assert "no certain outcome" in history.err
    page = served.run("history", "--format", "markdown").out
    assert "## Open: outcome unknown or pending" in page
    assert served.run("history", "--settle").code == 5
    served.sandbox.world.fonedynamics.numbers._shadows.clear()
    settled = served.run("history", "--settle")
    assert (settled.code, settled.outcomes) == (0, ["verified"])
    assert settled.json[0]["number"] == number


def _act_for_a_subaccount(served):
    config = Paths.of_user().config_file
    lines = []
    for line in config.read_text().splitlines():
        lines.append(line)
        if line.startswith("api_key"):
            lines.append(f'target_api_key = "{VONAGE_SUBACCOUNT_KEY}"')
    config.write_text("\n".join(lines))


def test_a_release_where_a_subaccount_is_configured_is_refused_with_the_reason(served):
    _act_for_a_subaccount(served)
    ran = served.run("release", UK, "--account", "uk-sms", "--confirm", UK)
    assert (ran.code, ran.outcomes) == (6, ["refused"])
    assert f"a release means a number of {VONAGE_SUBACCOUNT_KEY}" in ran.json[0]["error"]
    assert not any(request.route == "release" for request in served.sandbox.requests)


def test_a_purchase_for_a_subaccount_says_where_it_is_and_is_not_called_undone(served):
    _act_for_a_subaccount(served)
    stock = served.run("search", "--country", "GB", "--account", "uk-sms", "--limit", "1").json
    words = ["buy", stock[0]["number"], "--account", "uk-sms"]
    assert VONAGE_SUBACCOUNT_KEY in served.run(*words, "--dry-run").err
    refused = served.run(*words, "--to", "phone:+442079460999", "--yes")
    assert (refused.code, refused.outcomes) == (6, ["refused"])
    ran = served.run(*words, "--yes")
    assert (ran.code, ran.outcomes) == (5, ["pending"])
    settled = served.run("history", "--settle")
    assert (settled.code, settled.outcomes) == (5, ["pending"])
    again = served.run(*words, "--yes")
    assert again.code != 0
    assert sum(request.route == "buy" for request in served.sandbox.requests) == 1


@pytest.mark.parametrize(
    ("yes", "answers", "agreed"),
    [
        (False, ["y", "y"], True),
        (True, ["y"], True),
        (False, ["y", ""], False),
        (True, ["n"], False),
    ],
)
def test_on_a_terminal_an_open_operation_is_asked_about_by_itself(
    monkeypatch, yes, answers, agreed
):
    monkeypatch.setattr(write_dialogue, "can_ask", lambda: True)
    earlier = operation("a1", outcome=Outcome.UNKNOWN)
    plan = plan_retarget(ACCOUNT, INFO, owned(), phone(OTHER))
    asked = []

    def ask(question):
        asked.append(question)
        return answers[len(asked) - 1]

    job = SimpleNamespace(ask=ask)
    plans = [replace(plan, unsettled=(earlier,))]
    consent = write_dialogue.confirm_changes(job, plans, WriteOptions(yes=yes))
    assert consent.given
    assert consent.over == (frozenset({"a1"}) if agreed else frozenset())
    assert "by ann@elsewhere" in asked[-1]
    assert len(asked) == len(answers)
    over = WriteOptions(yes=True, over=("a1",))
    named = write_dialogue.confirm_changes(job, plans, over)
    assert (named.over, len(asked)) == (frozenset({"a1"}), len(answers))
