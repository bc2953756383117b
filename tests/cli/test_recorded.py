import pytest

from tests.support.command_line import AU, TO, UK, run, write_config
from tui_numbers.services.paths import Paths
from tui_numbers.storage.sqlite_journal import SqliteJournal

THIRD = "+61255502699"


@pytest.fixture
def served(served, monkeypatch):
    """The sandbox on its port, for commands that run in this process."""
    for name, value in served.environment.items():
        monkeypatch.setenv(name, value)
    return served


def _writes(served):
    return sum(request.route == "update" for request in served.sandbox.requests)


def _batch():
    return SqliteJournal(Paths.of_user().journal).operations()[0].batch


def test_undo_puts_an_operation_back(served):
    (done,) = run("retarget", UK, "--to", TO, "--yes").json
    ran = run("undo", done["operation"], "--yes", "--reason", "INC-7")
    (row,) = ran.json
    assert (ran.code, row["action"], row["outcome"]) == (0, "undo", "verified")
    assert row["after"]["settings"] == done["before"]["settings"]
    assert run("history").json[0]["reason"] == "INC-7"
    again = run("undo", done["operation"], "--yes")
    assert (again.code, again.outcomes) == (0, ["unchanged"])
    assert _writes(served) == 2


def test_an_undo_is_undone(served):
    (done,) = run("retarget", UK, "--to", TO, "--yes").json
    (back,) = run("undo", done["operation"], "--yes").json
    (again,) = run("undo", back["operation"], "--yes").json
    assert again["after"]["routing"]["voice"]["value"] == TO


def test_undo_asks_and_shows_first(served):
    (done,) = run("retarget", UK, "--to", TO, "--yes").json
    ran = run("undo", done["operation"])
    assert (ran.code, ran.json[0]["error"]) == (6, "not confirmed: add --yes")
    assert f"calls: phone {'+44 20 7946 0999'} -> " in ran.err
    dry = run("undo", done["operation"], "--dry-run", "--format", "csv")
    assert (dry.code, "planned" in dry.out) == (0, True)
    assert run("undo", done["operation"], "--yes", "--read-only").code == 6
    assert _writes(served) == 1


def test_undo_refuses_where_a_later_change_stands_in_between(served):
    (done,) = run("retarget", UK, "--to", TO, "--yes").json
    run("retarget", UK, "--to", "+442079460111", "--yes")
    ran = run("undo", done["operation"], "--yes")
    assert (ran.code, ran.outcomes) == (6, ["refused"])
    assert "a later change stands in between" in ran.json[0]["error"]
    assert _writes(served) == 2


def test_what_the_journal_does_not_know_is_code_2(served):
    for words in (["undo", "nothing"], ["resume", "nothing"]):
        ran = run(*words, "--yes")
        assert (ran.code, ran.out) == (2, "")
        assert "'nothing'; see: tui-numbers history" in ran.err
    assert run("undo", "nothing", "--confirm", "uk").code == 2


def test_a_batch_is_put_back_newest_first(served):
    ran = run("retarget", AU, UK, THIRD, "--to", TO, "--yes")
    batch = _batch()
    assert f"to put all of it back: tui-numbers undo {batch}" in ran.err
    assert "to go on with" not in ran.err
    order = [row["number"] for row in run("history").json]
    back = run("undo", batch, "--yes")
    assert (back.code, back.outcomes) == (0, ["verified"] * 3)
    assert [row["number"] for row in back.json] == order
    before = {row["number"]: row["before"]["settings"] for row in ran.json}
    assert {row["number"]: row["after"]["settings"] for row in back.json} == before


def test_a_batch_goes_on_where_it_failed(served):
    served.misbehave("fonedynamics:update:429:times=1")
    ran = run("retarget", AU, UK, THIRD, "--to", TO, "--yes", "--reason", "INC-7")
    batch = _batch()
    assert ran.code == 4
    assert f"to go on with the rest: tui-numbers resume {batch}" in ran.err
    dry = run("resume", batch, "--dry-run")
    assert (dry.code, dry.outcomes) == (0, ["planned"])
    asked = run("resume", batch)
    assert (asked.code, asked.outcomes) == (6, ["refused"])
    resumed = run("resume", batch, "--yes")
    assert (resumed.code, resumed.outcomes) == (0, ["verified"])
    assert {row["reason"] for row in run("history").json} == {"INC-7"}
    assert {row["batch"] for row in run("history").json} == {batch}
    done = run("resume", batch, "--yes")
    assert (done.code, done.json) == (0, [])
    assert "nothing to resume" in done.err
    assert _writes(served) == 4


def test_what_was_lost_is_read_again_before_anything_is_sent_again(served):
    # Looked up, looked for as a target, read afresh: from then on nothing can be read.
    served.misbehave("fonedynamics:update:reset-after:times=1;fonedynamics:get:500:after=5")
    ran = run("retarget", AU, THIRD, "--to", TO, "--yes")
    assert "unknown" in ran.outcomes
    batch, sent = _batch(), _writes(served)
    still = run("resume", batch, "--yes")
    assert still.code == 5
    assert "unknown" in still.outcomes
    assert _writes(served) == sent
    served.sandbox.faults.clear()
    assert run("resume", batch, "--yes").code == 0
    # What had been done is settled by reading, and sent no second time.
    assert _writes(served) == sent


def test_what_changed_meanwhile_is_refused(served):
    served.misbehave("*:update:429")
    run("retarget", AU, UK, "--to", TO, "--yes")
    batch = _batch()
    served.sandbox.faults.clear()
    run("retarget", UK, "--to", "+442079460111", "--yes")
    ran = run("resume", batch, "--yes")
    assert ran.code == 4
    rows = {row["number"]: row for row in ran.json}
    assert rows[AU]["outcome"] == "verified"
    assert "changed since it was shown" in rows[UK]["error"]


def test_locks_and_reasons_hold_for_what_is_resumed(served):
    served.misbehave("*:update:429")
    run("retarget", AU, UK, "--to", TO, "--yes")
    batch = _batch()
    served.sandbox.faults.clear()
    path = served.configure(f'\n[locks]\nnumbers = ["{UK}"]\n')
    rows = {row["number"]: row for row in run("resume", batch, "--yes").json}
    assert rows[AU]["outcome"] == "verified"
    assert "locked" in rows[UK]["error"]
    write_config(
        path.read_text().replace("[accounts.uk-sms]", "[accounts.uk-sms]\nread_only = true")
    )
    assert "read-only" in run("resume", batch, "--yes").json[0]["error"]


def test_purchases_have_no_undo(served):
    stock = run("search", "--country", "US", "--account", "uk-sms", "--limit", "1").json
    (bought, *_) = run("buy", stock[0]["number"], "--account", "uk-sms", "--yes").json
    assert bought["outcome"] == "verified"
    ran = run("undo", bought["operation"], "--yes")
    assert (ran.code, ran.json[0]["error"]) == (6, "a buy has no undo")
    ran = run("undo", run("history").json[0]["batch"], "--yes")
    assert (ran.code, ran.json[0]["error"]) == (6, "a buy has no undo")


def test_what_was_not_sent_stands_apart_in_the_handover(served):
    served.misbehave("*:update:429")
    run("retarget", AU, UK, "--to", TO, "--yes")
    served.sandbox.faults.clear()
    _forget_turns()
    page = run("history", "--format", "markdown").out
    assert "## Not sent" in page
    assert "the program ended before its turn" in page


def _forget_turns():
    import sqlite3

    connection = sqlite3.connect(Paths.of_user().journal)
    with connection:
        connection.execute("UPDATE operation SET begun = 0, outcome = NULL, process = '1:gone'")
    connection.close()


def test_a_number_that_points_back_is_warned_of(served):
    run("retarget", UK, "--to", AU, "--yes")
    ran = run("retarget", AU, "--to", UK, "--dry-run")
    assert f"{UK} points back at {AU}: calls would loop" in ran.err
    ran = run("retarget", AU, "--to", AU, "--dry-run")
    assert "the target is the number itself: calls would loop" in ran.err


def test_other_warnings_come_before_the_question(served):
    ran = run("retarget", AU, "--to", "+4420794600000", "--dry-run")
    assert "it is longer than any with +44" in ran.err
    ran = run("set", AU, "email_to=desk@northline.example", "--dry-run")
    assert "can be neither verified nor undone" in ran.err
    ran = run("set", UK, "voice=phone:+442079460999", "--dry-run")
    assert "may be lost, since Vonage does not show it" in ran.err


def test_a_balance_that_is_too_low_is_warned_of(served, monkeypatch):
    from decimal import Decimal

    monkeypatch.setattr(served.sandbox.world.vonage, "balance", Decimal("0.10"))
    stock = run("search", "--country", "US", "--account", "uk-sms", "--limit", "1").json
    ran = run("buy", stock[0]["number"], "--account", "uk-sms", "--dry-run")
    assert "less than one month" in ran.err


def test_a_list_says_that_nothing_matches_only_where_all_answered(served):
    served.misbehave("vonage:*:unauthorized")
    ran = run("list", "--filter", "zzzzzz", "--format", "table")
    assert "no number matches" not in ran.err
    served.sandbox.faults.clear()
    ran = run("list", "--filter", "zzzzzz", "--format", "table")
    assert "no number matches" in ran.err


def test_yes_alone_releases_nothing(served):
    ran = run("release", UK, "--account", "uk-sms", "--yes")
    assert (ran.code, ran.json[0]["error"]) == (6, f"not confirmed: add --confirm {UK}")
