"""Several operators over one journal in PostgreSQL, each with a home of their own.

Where they work at once, or one of them is killed, they have programs of their own as well.
"""

import json
from itertools import pairwise

import pytest

from tests.support import postgres
from tests.support.journals import root_of
from tests.support.real_program import Program
from tests.support.served import start, writes
from tests.support.writes import PROVIDERS
from tui_numbers.domain.operations import Outcome
from tui_numbers.sandbox.accounts import config_toml
from tui_numbers.services.paths import Paths
from tui_numbers.storage.postgres_journal import PostgresJournal

TO = "phone:+442079460801"
_WINDOW = 0.8
"""How long nothing may be written, in seconds; more than one with the look before it."""


class Operator:
    """One of a team, in a home of their own."""

    def __init__(self, served, home, name, url):
        self._served = served
        self.folders = {
            "HOME": str(home),
            "XDG_CONFIG_HOME": str(home / "config"),
            "XDG_STATE_HOME": str(home / "state"),
        }
        path = home / "config" / "tui-numbers" / "config.toml"
        path.parent.mkdir(parents=True)
        text = f'journal = "{url}"\n' + config_toml(served.origin) + f'[ui]\nname = "{name}"\n'
        path.write_text(text)
        path.chmod(0o600)

    def run(self, *words, **more):
        return self._served.run(*words, **self.folders, **more)

    def start(self, *words):
        return start(self._served, *words, **self.folders)


@pytest.fixture
def server(tmp_path_factory):
    pytest.importorskip("psycopg", reason="psycopg is not installed")
    return postgres.shared_server(root_of(tmp_path_factory))


@pytest.fixture
def url(server):
    with postgres.database(server) as made:
        yield made


@pytest.fixture
def team(served, url, tmp_path):
    return [Operator(served, tmp_path / name, name.title(), url) for name in ("anna", "ben")]


@pytest.fixture
def number(served):
    ledger = served.sandbox.world.fonedynamics.numbers
    owned = PROVIDERS["fonedynamics"].owned(served.sandbox.world)
    return next(one for one in owned if ledger.get(one).endpoint)


def test_what_anna_does_ben_sees_and_puts_back(team, number):
    anna, ben = team
    before = anna.run("show", number).json["settings"]["voice"]
    done = anna.run("retarget", number, "--to", TO, "--yes", "--reason", "INC-7")
    assert done.outcomes == ["verified"]
    (seen,) = ben.run("history", "--format", "json").json
    assert (seen["operation"], seen["reason"]) == (done.json[0]["operation"], "INC-7")
    assert "Anna" in seen["actor"]
    undone = ben.run("undo", seen["operation"], "--yes")
    assert (undone.code, undone.outcomes) == (0, ["verified"])
    assert ben.run("show", number).json["settings"]["voice"] == before
    assert [one["outcome"] for one in anna.run("history").json] == ["verified", "verified"]


@pytest.mark.pty
def test_an_open_dashboard_shows_what_anna_does_and_writes_nothing_otherwise(
    served, team, number, url
):
    anna, ben = team
    with Program(served, environ=ben.folders) as screen:
        screen.loaded()
        screen.type("/" + number.lstrip("+") + "\r")
        screen.shows("1 of ")
        # What was said before, such as of the journal that was made just now, is on the screen.
        screen.steady()
        assert screen.take(_WINDOW) == 0
        done = anna.run("retarget", number, "--to", TO, "--yes")
        assert done.outcomes == ["verified"]
        screen.shows("Anna: retarget ", " verified", "phone +44 20 7946 0801")
        screen.steady()
        screen.type("q")
        assert screen.ended() == 0
        assert screen.is_sane()


def test_what_a_killed_program_left_unknown_is_settled_by_a_colleague(served, team, number, url):
    anna, ben = team
    words = ["tests.e2e.writes.killed", "before the answer", "1", "retarget", number, "--to", TO]
    program = anna.start(*words, "--yes")
    _, told = program.communicate(timeout=60)
    assert program.returncode == -9, told
    assert ben.run("history").outcomes == ["unknown"]
    settled = ben.run("history", "--settle")
    assert (settled.code, settled.outcomes) == (0, ["verified"])
    assert len(writes(served)) == 1


def test_six_writers_at_one_number_leave_a_true_journal(served, team, number, url):
    targets = [f"+4420794608{at:02}" for at in range(6)]
    programs = [
        team[at % 2].start("tui_numbers", "retarget", number, "--to", to, "--yes")
        for at, to in enumerate(targets)
    ]
    rows = []
    for program in programs:
        out, told = program.communicate(timeout=120)
        assert out, told
        rows.extend(json.loads(out))
    outcomes = [row["outcome"] for row in rows]
    assert set(outcomes) <= {"verified", "refused"}, rows
    assert "verified" in outcomes
    journal = PostgresJournal(url)
    done = [one for one in journal.operations() if one.outcome is Outcome.VERIFIED]
    journal.close()
    assert len(done) == outcomes.count("verified") == len(writes(served))
    for earlier, later in pairwise(done[::-1]):
        assert later.before.settings["voice"] == earlier.observed.settings["voice"]
    ledger = served.sandbox.world.fonedynamics.numbers
    assert f"phone:{ledger.get(number).endpoint}" == done[0].observed.settings["voice"]


def test_without_the_database_reading_goes_on_and_writes_are_refused(served, tmp_path, number):
    server = postgres.new_server()
    try:
        anna = Operator(served, tmp_path / "anna", "Anna", server.url())
        assert anna.run("retarget", number, "--to", TO, "--yes").code == 0
        server.stop()
        listed = anna.run("list", "--format", "json")
        assert (listed.code, bool(listed.json)) == (0, True)
        refused = anna.run("retarget", number, "--to", "phone:+442079460802", "--yes")
        assert refused.code == 6
        assert "the journal postgresql://postgres@127.0.0.1" in refused.out + refused.err
        assert len(writes(served)) == 1
        assert not (tmp_path / "anna" / "state" / "tui-numbers" / "journal.db").exists()
        server.start()
        again = anna.run("retarget", number, "--to", "phone:+442079460802", "--yes")
        assert (again.code, again.outcomes) == (0, ["verified"])
    finally:
        postgres.discard(server)


def test_a_journal_of_one_user_is_taken_over_by_the_team(served, team, number, tmp_path):
    alone = served.run("retarget", number, "--to", TO, "--yes")
    path = Paths.of_user().journal
    anna, ben = team
    first = anna.run("history", "--import", str(path))
    assert (first.code, f"1 operations of {path}" in first.err) == (0, True), first.err
    again = ben.run("history", "--import", str(path))
    assert "0 operations" in again.err
    (seen,) = ben.run("history", "--format", "json").json
    assert seen["operation"] == alone.json[0]["operation"]
    assert ben.run("undo", seen["operation"], "--yes").outcomes == ["verified"]


def test_doctor_tells_of_the_database(team):
    told = team[0].run("doctor", "--format", "json").json
    found = {(one["topic"], one["subject"]): one for one in told}
    database = found["journal", "database"]
    assert database["health"] == "ok"
    assert "PostgreSQL" in database["says"]
    assert "without TLS" in database["says"]
    assert found["journal", "clock"]["health"] == "ok"
