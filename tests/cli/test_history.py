import csv
import io
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import click
import pytest

from tests.cli.test_writing import KEYS
from tests.support.command_line import AU, TO, UK, run
from tui_numbers.cli.commands.history import parse_time
from tui_numbers.domain import clock
from tui_numbers.services.paths import Paths
from tui_numbers.storage.sqlite_journal import SqliteJournal
from tui_numbers.wording.values import recent_words

HISTORY_KEYS = [
    *KEYS, "batch", "provider", "started_at", "finished_at", "actor", "reason", "seen", "reference"
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


def test_limit_shows_the_newest_and_what_is_open(changed):
    again = changed.run("retarget", UK, "--to", "phone:+442079460801", "--yes")
    newest = again.json[0]["operation"]
    ran = changed.process("history", "--limit", "1")
    # The one without a certain outcome is older, and is shown all the same.
    assert ran.json[0]["operation"] == newest
    assert ran.outcomes == ["verified", "unknown"]
    assert "the newest 1 are shown, and what is open" in ran.err
    assert changed.run("history", "--limit", "3").outcomes == ["verified", "unknown", "verified"]
    assert changed.run("history", "--limit", "1", "--outcome", "verified").outcomes == ["verified"]
    assert changed.run("history", "--limit", "0").code == 2


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
    journal = SqliteJournal(Paths.of_user().journal)
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


NIGHT = datetime(2028, 2, 29, 10, 59, tzinfo=UTC)
"""One minute before midnight in Auckland, on a leap day."""


def at(zone, moment=NIGHT):
    """Go by a clock that stands still in a zone."""
    return clock.use(clock.Clock(moment.timestamp, ZoneInfo(zone)))


def test_times_are_read_in_every_documented_form():
    with at("Pacific/Auckland"):
        assert parse_time("--since", "8h") == NIGHT - timedelta(hours=8)
        assert parse_time("--since", "2d") == NIGHT - timedelta(days=2)
        assert parse_time("--since", "2026-03-01T22:00:00Z") == datetime(2026, 3, 1, 22, tzinfo=UTC)
        assert parse_time("--since", "2028-02-29T23:59") == NIGHT
    assert parse_time("--since", None) is None
    with pytest.raises(click.UsageError):
        parse_time("--since", "2026-13-01")


@pytest.mark.parametrize(
    ("zone", "day", "first", "hours"),
    [
        ("UTC", "2026-03-01", "2026-03-01T00:00Z", 24),
        ("Pacific/Auckland", "2028-02-29", "2028-02-28T11:00Z", 24),
        ("Europe/London", "2026-03-29", "2026-03-29T00:00Z", 23),
        ("Europe/London", "2026-10-25", "2026-10-24T23:00Z", 25),
        ("America/Santiago", "2026-04-04", "2026-04-04T03:00Z", 25),
        ("America/Santiago", "2026-09-06", "2026-09-06T04:00Z", 23),
        ("Australia/Lord_Howe", "2026-04-05", "2026-04-04T13:00Z", 24.5),
    ],
)
@pytest.mark.parametrize("by_variable", [False, True], ids=["given", "of the machine"])
def test_a_date_is_its_whole_day_also_where_clocks_are_changed(
    zone, day, first, hours, by_variable, local_zone
):
    if by_variable:
        local_zone(zone)
    with clock.use(clock.Clock()) if by_variable else at(zone):
        since, until = parse_time("--since", day), parse_time("--until", day, ending=True)
    assert since == datetime.fromisoformat(first)
    assert until - since == timedelta(hours=hours, microseconds=-1)


@pytest.mark.parametrize(
    ("zone", "began", "shown"),
    [
        ("Pacific/Auckland", "2028-02-29T10:58Z", "02-29 23:58"),
        ("Pacific/Auckland", "2027-12-31T11:30Z", "01-01 00:30"),
        ("Pacific/Auckland", "2027-12-31T10:30Z", "2027-12-31 23:30"),
        ("America/Los_Angeles", "2028-01-01T07:59Z", "2027-12-31 23:59"),
    ],
)
def test_the_year_of_an_operation_is_told_where_it_is_not_this_one_here(zone, began, shown):
    with at(zone):
        assert recent_words(datetime.fromisoformat(began)) == shown


def test_the_journal_tells_the_times_of_the_given_clock(served):
    with at("Pacific/Auckland"):
        ran = served.run("retarget", AU, "--to", TO, "--yes")
        assert ran.outcomes == ["verified"]
        (told,) = served.run("history", "--since", "2028-02-29", "--until", "2028-02-29").json
    assert told["started_at"] == told["finished_at"] == "2028-02-29T10:59:00.000Z"
    assert told["seen"]["seen_at"] == told["started_at"]
