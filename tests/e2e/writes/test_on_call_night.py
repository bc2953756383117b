"""A night on call over a served sandbox: a route for two hours, and cron's own environment."""

import json
import os
import re
import sqlite3
import subprocess
from contextlib import closing, suppress
from datetime import timedelta
from pathlib import Path

import pytest

from tests.support import loaded_program
from tests.support.command_line import Ran, run
from tests.support.served import WRITES
from tui_numbers.domain import clock
from tui_numbers.domain.records import time_text
from tui_numbers.sandbox.accounts import ACCOUNTS
from tui_numbers.sandbox.app import after_hours

pytestmark = pytest.mark.slow

UK = "+447400906170"


class Home:
    """A home directory, its user, and programs that are given nothing else, as cron starts them."""

    def __init__(self, served, folder: Path):
        self.served, self.folder = served, folder
        self.environment = {"HOME": str(folder), "PATH": "/usr/bin:/bin", "LOGNAME": "anna"}
        self.state = folder / ".local" / "state" / "tui-numbers" / "journal.sqlite"
        config = folder / ".config" / "tui-numbers"
        (config / "routes").mkdir(parents=True)
        text = ""
        for one in ACCOUNTS:
            fields = "".join(f'{key} = "{value}"\n' for key, value in one.fields.items())
            text += (
                f'[accounts.{one.name}]\nprovider = "{one.provider}"\n{fields}'
                f'base_url = "{served.origin}{one.base_path}"\n'
                f'secret_command = ["printf", "%s", "{one.secret}"]\n\n'
            )
        path = config / "config.toml"
        path.write_text(text)
        path.chmod(0o600)
        route = after_hours(served.sandbox.world)
        self.count = route.count("[[numbers]]")
        (config / "routes" / "after-hours.toml").write_text(route)

    def start(self, *words):
        return loaded_program.start("tui_numbers", words, self.environment, cwd="/")

    def as_cron(self, *words):
        """Run a command as cron does."""
        program = self.start(*words)
        out, err = program.communicate(timeout=120)
        return Ran(program.returncode, out, err)

    def run(self, *words):
        """Run a command in this process, as the person on call does."""
        with pytest.MonkeyPatch.context() as patch:
            for name in [name for name in os.environ if name.startswith("XDG_")]:
                patch.delenv(name)
            patch.setenv("HOME", str(self.folder))
            return run(*words)

    def make_due(self, **late):
        """Let all ends have been due for so long."""
        until = time_text(clock.now() - timedelta(**late))
        with closing(sqlite3.connect(self.state)) as connection, connection:
            connection.execute("UPDATE ending SET until = ?", (until,))


@pytest.fixture
def home(served, tmp_path):
    return Home(served, tmp_path / "home")


def sent(served):
    return [request for request in tuple(served.sandbox.requests) if request.route in WRITES]


def test_a_route_for_two_hours_is_put_back_from_cron_but_for_what_somebody_changed(home):
    served = home.served
    dry = home.run("route", "apply", "after-hours", "--dry-run")
    assert (dry.code, len(dry.json)) == (0, home.count)
    assert re.search(rf"rehearsed: {home.count} numbers, about \d+ s", dry.err)
    assert sent(served) == []
    done = home.run("route", "apply", "after-hours", "--for", "2h", "--yes", "--reason", "INC-7")
    assert (done.code, set(done.outcomes)) == (0, {"verified"})
    assert "nothing is put back unless something runs" in done.err
    due = home.run("due").json
    assert len(due) == home.count > 9
    assert list(due[0]) == ["operation", "batch", "account", "number", "action", "until",
                            "overdue", "state", "route"]  # fmt: skip
    assert {(one["overdue"], one["state"], one["route"]) for one in due} == {
        (False, "waiting", "after-hours")
    }
    listed = home.run("list", "--filter", "is:temporary").json
    assert {one["temporary"]["operation"] for one in listed} == {one["operation"] for one in due}
    assert (home.as_cron("due", "--run").code, len(sent(served))) == (0, home.count)

    changed = home.run("retarget", UK, "--to", "+442079460111", "--yes", "--end", "stands")
    assert changed.outcomes == ["verified"]
    # At the provider's portal, where nobody asks about ends.
    numbers = served.sandbox.world.fonedynamics.numbers
    from msgspec import structs

    theirs = next(one["number"] for one in due if one["account"] == "au-sales")
    numbers.put(theirs, structs.replace(numbers.get(theirs), endpoint="+61270100077"))

    home.make_due(minutes=12)
    ran = home.as_cron("due", "--run")
    outcomes = {row["number"]: row["outcome"] for row in ran.json}
    assert (ran.code, len(outcomes)) == (4, home.count)
    assert outcomes.pop(theirs) == "refused"
    assert set(outcomes.values()) == {"verified"}
    assert "put back" in ran.err
    assert "a later change stands in between" in ran.err
    assert numbers.get(theirs).endpoint == "+61270100077"
    (left,) = home.run("due").json
    assert (left["number"], left["state"]) == (theirs, "conflict")
    assert home.run("due", "--run").outcomes == []
    page = home.run("history", "--format", "markdown").out
    assert "## Temporary: put back at its end" in page
    assert "conflict: a later change stands in between" in page
    assert home.run("due", "--keep", left["operation"]).json == []


def test_four_runners_at_once_send_each_request_once(home):
    home.run("route", "apply", "after-hours", "--for", "2h", "--yes")
    assert len(sent(home.served)) == home.count
    home.make_due(seconds=5)
    programs = [home.start("due", "--run") for _ in range(4)]
    rows = [row for one in programs for row in json.loads(one.communicate(timeout=120)[0])]
    assert sorted(row["outcome"] for row in rows) == ["verified"] * home.count
    assert len(sent(home.served)) == 2 * home.count
    assert home.run("due").json == []


def test_a_runner_that_is_killed_leaves_the_rest_to_the_next(home):
    home.run("route", "apply", "after-hours", "--for", "2h", "--yes")
    home.make_due(seconds=5)
    home.served.hold("*:update")
    program = home.start("due", "--run")
    while home.served.held < 4 and program.poll() is None:
        with suppress(subprocess.TimeoutExpired):
            program.wait(0.05)
    program.kill()
    program.communicate()
    home.served.sandbox.faults.clear()
    first = home.as_cron("due", "--run")
    assert set(first.outcomes) <= {"verified", "unchanged", "failed"}
    with closing(sqlite3.connect(home.state)) as connection, connection:
        earlier = time_text(clock.now() - timedelta(hours=1))
        connection.execute("UPDATE operation SET started_at = ?", (earlier,))
    for _ in range(2):
        home.run("due", "--run")
    assert home.run("due").json == []
    route = home.run("route", "list").json
    assert (route[0]["in_force"], route[0]["elsewhere"]) == (0, home.count)


def test_the_line_and_the_unit_of_the_help_work_as_they_stand(home):
    page = home.run("help", "due").out
    line = next(line for line in page.splitlines() if "* * * *" in line).strip()
    command = line.removeprefix("*/5 * * * * ").partition(" 2>&1")[0]
    home.run("route", "apply", "after-hours", "--for", "2h", "--yes")
    home.make_due(seconds=5)
    done = subprocess.run(
        ["/bin/sh", "-c", command],
        env=home.environment,
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout.count("verified")) == (0, home.count)
    start = next(line for line in page.splitlines() if "ExecStart=" in line)
    watching = subprocess.Popen(
        start.strip().removeprefix("ExecStart=").split(),
        env=home.environment,
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert "watching: 0 temporary now" in watching.stderr.readline()
    watching.terminate()
    watching.communicate(timeout=30)
    for words in ("[Unit]", "[Service]", "[Install]", "WantedBy=default.target"):
        assert words in page
