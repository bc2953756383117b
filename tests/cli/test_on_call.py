"""Routes and temporary changes on the command line: what is printed, asked, returned."""

import json
from datetime import timedelta

import pytest

from tests.support.command_line import AU, TO, UK, US, run
from tui_numbers.domain import clock
from tui_numbers.sandbox.app import after_hours
from tui_numbers.services.paths import Paths

ROUTE_KEYS = [
    "name", "title", "numbers", "in_force", "different", "elsewhere", "impossible", "applied_at",
    "applied_by", "until", "rehearsed_at",
]  # fmt: skip
LINE_KEYS = ["account", "number", "setting", "wanted", "actual", "standing", "problem"]
DUE_KEYS = ["operation", "batch", "account", "number", "action", "until", "overdue", "state",
            "route"]  # fmt: skip


@pytest.fixture
def served(served, monkeypatch):
    """The sandbox on its port, for commands that run in this process."""
    for name, value in served.environment.items():
        monkeypatch.setenv(name, value)
    return served


def routes_folder():
    return Paths.of_user().config / "routes"


def test_a_temporary_change_is_shown_everywhere(served):
    ran = run("retarget", UK, "--to", TO, "--for", "2h", "--yes")
    assert (ran.code, ran.outcomes) == (0, ["verified"])
    assert "until: " in ran.err
    assert "nothing is put back unless something runs: due --run (cron)" in ran.err
    (row,) = run("due").json
    assert list(row) == DUE_KEYS
    assert (row["number"], row["overdue"], row["state"], row["route"]) == (
        UK, False, "waiting", None
    )  # fmt: skip
    told = {"until": row["until"], "operation": row["operation"]}
    shown = run("show", UK)
    assert shown.json["temporary"] == told
    assert run("list", "--filter", "is:temporary").json[0]["temporary"] == told
    assert run("list", "--filter", "6170 -is:temporary").json[0]["temporary"] is None
    assert "Temporary" in run("show", UK, "--format", "table").out
    assert "waiting" in run("due", "--format", "table").out
    assert run("due", "--format", "csv").out.splitlines()[0] == ",".join(DUE_KEYS)
    assert run("due", "--run").outcomes == []


def test_where_calls_end_is_told(served):
    (hop,) = run("show", AU).json["path"]
    assert list(hop) == ["account", "number", "kind", "value", "label", "note"]
    run("retarget", AU, "--to", UK, "--yes")
    first, last = run("show", AU).json["path"]
    assert (first["number"], last["number"], last["label"]) == (AU, UK, "Support IVR")
    assert "not known from here" in last["note"]
    ring = run("retarget", UK, "--to", AU, "--dry-run")
    assert f"{AU} points back at {UK}: calls would loop" in ring.err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--for", "2x"], "--for: '2x' is no length of time: write 2h"),
        (["--until", "25:00"], "--until: '25:00' is no time of day"),
        (["--until", "2020-01-01T07:00"], "is past"),
        (["--for", "2h", "--until", "07:00"], "give one of them"),
    ],
)
def test_an_end_that_cannot_be_read_sends_nothing(served, options, said):
    ran = run("retarget", UK, "--to", TO, "--yes", *options)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err
    assert not any(request.route == "update" for request in served.sandbox.requests)


def test_an_end_is_kept_or_moved_by_operation_or_batch(served):
    run("retarget", UK, AU, "--to", TO, "--for", "2h", "--yes")
    first, second = run("due").json
    later = f"{clock.now() + timedelta(days=40):%Y-%m-%dT07:00}"
    moved = run("due", "--at", first["operation"], f"{later}Z")
    assert moved.code == 0
    assert [row["until"] for row in moved.json][-1] == f"{later}:00.000Z"
    kept = run("due", "--keep", second["batch"])
    assert (kept.code, kept.json) == (0, [])
    unknown = run("due", "--keep", "nothing")
    assert (unknown.code, "no temporary change 'nothing'" in unknown.err) == (2, True)
    assert run("due", "--run", "--watch").code == 2
    assert run("due", "--run", "--read-only").code == 6


def test_a_later_change_says_whether_the_end_stands(served):
    run("retarget", UK, "--to", TO, "--for", "2h", "--yes")
    refused = run("retarget", UK, "--to", "+442079460111", "--yes")
    assert (refused.code, refused.outcomes) == (6, ["refused"])
    assert "--end stands, or --end lifted" in refused.json[0]["error"]
    assert run("retarget", UK, "--to", "+442079460111", "--yes", "--end", "stands").code == 0
    assert len(run("due").json) == 1
    assert run("retarget", UK, "--to", "+442079460112", "--yes", "--end", "lifted").code == 0
    assert run("due").json == []


def test_a_route_is_saved_listed_shown_and_removed(served):
    saved = run("route", "save", "night", UK, AU, "--to", TO, "--title", "Night", "--note", "Ask.")
    assert (saved.code, list(saved.json[0])) == (0, ROUTE_KEYS)
    text = (routes_folder() / "night.toml").read_text()
    assert text.startswith('title = "Night"\nnote = "Ask."\n\n[[numbers]]\naccount = "uk-sms"\n')
    assert f'set = {{ voice = "phone:{TO}" }}' in text
    (row,) = run("route", "list").json
    assert (row["numbers"], row["elsewhere"], row["in_force"], row["rehearsed_at"]) == (
        2,
        2,
        0,
        None,
    )
    lines = run("route", "show", "night").json
    assert [list(line) for line in lines] == [LINE_KEYS] * 2
    assert lines[0] == {
        "account": "uk-sms", "number": UK, "setting": "voice", "wanted": f"phone:{TO}",
        "actual": None, "standing": "elsewhere", "problem": None,
    }  # fmt: skip
    again = run("route", "save", "night", UK)
    assert (again.code, "there already: add --replace" in again.err) == (2, True)
    assert run("route", "remove", "night").code == 6
    assert run("route", "remove", "night", "--yes").code == 0
    assert run("route", "list").json == []


def test_a_baseline_is_in_force_as_it_is(served):
    saved = run("route", "save", "baseline", "--filter", "account:uk-sms")
    assert saved.code == 0
    (row,) = saved.json
    assert (row["numbers"], row["in_force"]) == (row["in_force"], row["numbers"])
    assert row["numbers"] > 10
    assert run("route", "apply", "baseline", "--yes").code == 0
    assert not any(request.route == "update" for request in served.sandbox.requests)


def test_a_route_is_rehearsed_applied_and_put_back(served):
    run("route", "save", "night", UK, AU, "--to", TO)
    dry = run("route", "apply", "night", "--dry-run")
    assert (dry.code, dry.outcomes) == (0, ["planned", "planned"])
    assert "rehearsed: 2 numbers, about" in dry.err
    (row,) = run("route", "list").json
    assert row["rehearsed_at"] is not None
    applied = run("route", "apply", "night", "--for", "2h", "--yes")
    assert (applied.code, applied.outcomes) == (0, ["verified", "verified"])
    (row,) = run("route", "list").json
    assert (row["in_force"], row["until"] is not None) == (2, True)
    assert "@" in row["applied_by"]
    assert "in force since" in run("route", "list", "--format", "table").out
    run("retarget", UK, "--to", "+442079460111", "--yes", "--end", "lifted")
    assert run("route", "list").json[0]["different"] == 1
    back = run("route", "revert", "night", "--yes")
    assert (back.code, sorted(back.outcomes)) == (4, ["refused", "verified"])
    assert "a later change stands in between" in back.err
    assert run("route", "list").json[0]["in_force"] == 0
    assert run("due").json == []


def test_a_line_that_cannot_be_applied_is_named_and_the_others_are(served):
    run("route", "save", "night", UK, AU, "--to", TO)
    with (routes_folder() / "night.toml").open("a") as file:
        file.write('[[numbers]]\naccount = "uk-sms"\nnumber = "+442079460000"\n'
                   'set = { voice = "phone:+442079460999" }\n')  # fmt: skip
    shown = run("route", "show", "night")
    assert (shown.code, shown.json[2]["standing"]) == (4, "impossible")
    assert shown.json[2]["problem"] == "uk-sms does not hold +442079460000 any more"
    applied = run("route", "apply", "night", "--yes")
    assert (applied.code, applied.outcomes) == (4, ["verified", "verified", "refused"])
    assert "cannot be applied: uk-sms does not hold" in applied.err


def test_a_route_that_shares_numbers_with_another_says_so_first(served):
    run("route", "save", "night", UK, AU, "--to", TO)
    run("route", "save", "bridge", UK, "--to", "+442079460111")
    ran = run("route", "apply", "bridge", "--dry-run")
    assert "warning: route night sets 1 number of these too" in ran.err


def test_a_broken_file_is_named_and_hides_no_other(served):
    run("route", "save", "night", UK, "--to", TO)
    (routes_folder() / "broken.toml").write_text("[[numbers")
    ran = run("route", "list")
    assert (ran.code, [row["name"] for row in ran.json]) == (4, ["night"])
    assert "route broken is not TOML" in ran.err
    missing = run("route", "show", "nigth")
    assert (missing.code, "did you mean 'night'?" in missing.err) == (2, True)
    assert run("route", "save", "../night", UK).code == 2


def test_the_demo_has_a_route_and_writes_no_file(demo):
    ran = demo("route", "list")
    assert [row["name"] for row in ran.json] == ["after-hours"]
    applied = demo("route", "apply", "after-hours", "--for", "2h", "--yes")
    assert set(applied.outcomes) == {"verified"}
    assert "the demo forgets its ends when it is left" in applied.err
    assert not routes_folder().exists()


def test_a_handover_has_what_stands_before_what_was_done(served):
    run("route", "save", "night", UK, AU, "--to", TO)
    run("route", "apply", "night", "--for", "2h", "--yes", "--reason", "INC-7")
    page = run("history", "--format", "markdown").out
    heads = [line for line in page.splitlines() if line.startswith("## ")]
    assert heads == sorted(heads, key=["## Temporary: put back at its end", "## Routes in force",
                                       "## Findings", "## Done"].index)  # fmt: skip
    assert "| night | night | in force since" in page
    later = run("history", "--format", "markdown").out
    assert "Nothing was changed." in later
    assert "## Temporary" in later
    assert "INC" in run("history", "--since", "8h", "--format", "markdown").out


def test_what_the_units_are_made_of(demo):
    page = demo("help", "due").out
    assert "*/5 * * * * " in page
    assert "ExecStart=" in page
    assert demo("help", "route").code == 0


def test_the_route_of_the_demo_is_whole(served):
    route = after_hours(served.sandbox.world)
    folder = routes_folder()
    folder.mkdir(parents=True)
    (folder / "after-hours.toml").write_text(route)
    (row,) = run("route", "list").json
    assert (row["impossible"], row["numbers"]) == (0, route.count("[[numbers]]"))
    assert US in json.dumps(run("route", "show", "after-hours").json)
