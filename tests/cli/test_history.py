import csv
import io
from datetime import UTC, datetime, timedelta

import click
import pytest

from cli.conftest import AU, TO, UK, run
from cli.test_writing import KEYS
from tui_numbers.cli.times import moment
from tui_numbers.services.paths import Paths
from tui_numbers.storage.journal import Journal

HISTORY_KEYS = [
    *KEYS, "batch", "provider", "started_at", "finished_at", "actor", "reason", "seen"
]  # fmt: skip


@pytest.fixture
def changed(served):
    """Make two changes through the port, one of them with an unknown outcome."""
    first = served.run("retarget", AU, "--to", TO, "--yes", "--reason", "INC|7 <b>")
    assert first.outcomes == ["verified"]
    second = served.run("set", AU, "email_to=desk@northline.example", "--yes")
    assert second.outcomes == ["unknown"]
    return served


def test_history_is_newest_first_with_what_was_asked_and_seen(changed):
    ran = changed.process("history")
    assert ran.code == 0
    newest, oldest = ran.json
    assert list(newest) == HISTORY_KEYS
    assert (newest["action"], oldest["action"]) == ("set", "retarget")
    assert oldest["reason"] == "INC|7 <b>"
    assert oldest["after"]["routing"]["voice"]["value"] == TO
    assert oldest["seen"]["routing"]["voice"]["value"] == TO
    assert "@" in oldest["actor"]
    assert "1 operation has no certain outcome" in ran.err


def test_history_filters(changed):
    def outcomes(*options):
        return changed.run("history", *options).outcomes

    assert outcomes("--outcome", "verified") == ["verified"]
    assert outcomes("--number", UK) == []
    assert len(outcomes("--number", "+61 2 5550 6170", "--since", "1h")) == 2
    assert outcomes("--until", "1h") == []
    assert outcomes("--account", "uk-sms") == []


def test_history_as_csv_and_as_a_handover(changed):
    rows = list(csv.DictReader(io.StringIO(changed.run("history", "--format", "csv").out)))
    assert [row["number"] for row in rows] == [AU, AU]
    assert rows[1]["after.voice"] == f"phone:{TO}"
    page = changed.run("history", "--since", "8h", "--format", "markdown").out
    opened, done = page.split("## Done")
    assert "## Open: outcome unknown" in opened
    assert "INC\\|7 \\<b\\>" in done


def test_what_can_never_be_read_is_not_settled_by_guess(changed):
    ran = changed.run("history", "--settle")
    assert ran.code == 5
    assert "stays unknown: the provider does not show email_to" in ran.err


def test_settling_reads_again_and_records(served):
    number = "+61255502699"
    served.run("retarget", number, "--to", TO, "--yes")
    journal = Journal(Paths.of_user().journal)
    (operation,) = journal.operations()
    # As if the program had ended before the answer was recorded.
    journal.close()
    _forget_outcome(operation.id)
    assert served.run("history").outcomes == ["unknown"]
    settled = served.run("history", "--settle")
    assert (settled.code, settled.outcomes) == (0, ["verified"])
    assert settled.json[0]["seen"]["routing"]["voice"]["value"] == TO
    assert served.run("history", "--settle").err.startswith("no outcome is open")


def _forget_outcome(operation):
    import sqlite3

    connection = sqlite3.connect(Paths.of_user().journal)
    with connection:
        connection.execute(
            "UPDATE operation SET outcome = NULL, seen = NULL, process = '1:gone' WHERE id = ?",
            (operation,),
        )
    connection.close()


def test_an_empty_history_makes_no_file():
    ran = run("history")
    assert (ran.code, ran.json, ran.err) == (0, [], "nothing is recorded\n")
    assert not Paths.of_user().state.exists()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--outcome", "verifed"], "did you mean 'verified'"),
        (["--since", "yesterday"], "is not a time"),
        (["--since", "1h", "--until", "2h"], "before --since: give a later --until"),
        (["--number", "12"], "not a complete"),
    ],
)
def test_what_cannot_be_read_is_code_2(options, said):
    ran = run("history", *options)
    assert ran.code == 2
    assert said in ran.err


def test_a_journal_that_cannot_be_read_is_one_line():
    path = Paths.of_user().journal
    path.parent.mkdir(parents=True)
    path.write_text("this is no database, and long enough to be told from one" * 20)
    ran = run("history")
    assert ran.code == 1
    assert str(path) in ran.err
    assert len(ran.err.splitlines()) == 1


def test_times_are_read_in_every_documented_form():
    now = datetime.now(UTC)
    assert abs(moment("--since", "8h") - (now - timedelta(hours=8))) < timedelta(minutes=1)
    assert abs(moment("--since", "2d") - (now - timedelta(days=2))) < timedelta(minutes=1)
    assert moment("--since", "2026-03-01T22:00:00Z") == datetime(2026, 3, 1, 22, tzinfo=UTC)
    first, last = moment("--since", "2026-03-01"), moment("--until", "2026-03-01", ending=True)
    assert last - first == timedelta(days=1, microseconds=-1)
    assert first.hour == first.minute == 0
    assert moment("--since", None) is None
    with pytest.raises(click.UsageError):
        moment("--since", "2026-13-01")
