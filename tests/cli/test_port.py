"""An ordinary configuration and real HTTP; the command line as a process where that can matter."""

import re
import signal
import socket
import stat
import subprocess
import sys

from tests.support.command_line import AU, TO, UK, US, write_config
from tests.support.served import start
from tui_numbers.sandbox.accounts import ACCOUNTS, config_toml
from tui_numbers.services.paths import Paths


def test_the_same_commands_work_over_a_port(served):
    listed = served.process("list")
    assert (listed.code, listed.err) == (0, "")
    assert len(listed.json) == 60
    stock = served.run("search", "--country", "GB", "--features", "voice,sms")
    assert stock.code == 0
    assert stock.json
    sent = served.process("retarget", UK, "--to", TO, "--yes")
    assert (sent.code, sent.outcomes) == (0, ["verified"])
    shown = served.run("show", UK).json
    assert shown["routing"]["voice"]["value"] == TO
    back = served.run("set", UK, "--clear", "voice", "--yes")
    assert (back.code, back.outcomes) == (0, ["verified"])


def test_a_listing_asks_for_its_pages_and_once_for_the_names_of_targets(served):
    served.run("list")
    asked = [(seen.provider, seen.route) for seen in served.sandbox.requests]
    assert sorted(asked) == [
        ("fonedynamics", "flows"),
        ("fonedynamics", "list"),
        # Fone Dynamics tells no total: an empty page is the end.
        ("fonedynamics", "list"),
        ("parakeet", "list"),
        # Where calls are forwarded stands in a second listing.
        ("telnyx", "list"),
        ("telnyx", "voice"),
        ("twilio", "applications"),
        ("twilio", "list"),
        # Which Messaging Service a number is in is told by the numbers of each.
        *([("twilio", "members")] * 3),
        # And its name beside the other targets'.
        *([("twilio", "services")] * 2),
        ("twilio", "trunks"),
        ("vonage", "applications"),
        ("vonage", "list"),
    ]


def test_a_retarget_sends_one_write(served):
    served.run("retarget", AU, "--to", "+61491570110", "--yes")
    writes = [seen for seen in served.sandbox.requests if seen.method != "GET"]
    assert [(seen.provider, seen.route) for seen in writes] == [("fonedynamics", "update")]


def test_a_wrong_key_is_one_line(served):
    wrong = {account.name: "wrong" for account in ACCOUNTS}
    names = {
        f"TUI_NUMBERS_SECRET_{name.upper().replace('-', '_')}": text for name, text in wrong.items()
    }
    ran = served.process("list", "--account", "uk-sms", **names)
    assert (ran.code, ran.json) == (3, [])
    assert re.fullmatch(r"uk-sms: .*key.*\n", ran.err)
    assert served.run("list", **names).code == 3
    assert served.run("retarget", UK, "--to", TO, "--yes", **names).code == 3


def test_a_missing_secret_says_where_to_put_it(served):
    ran = served.process("list", "--account", "uk-sms", without=["TUI_NUMBERS_SECRET_UK_SMS"])
    assert ran.code == 3
    assert "export TUI_NUMBERS_SECRET_UK_SMS=" in ran.err


def test_a_dead_host_is_one_line(served):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    write_config(config_toml(f"http://127.0.0.1:{port}"))
    ran = served.process("list", "--account", "us-desk")
    assert (ran.code, ran.json) == (1, [])
    assert re.fullmatch(r"us-desk: .*connection refused.*\n", ran.err)


def test_half_a_body_is_one_line(served):
    served.misbehave("vonage:list:half-json")
    ran = served.run("list")
    assert ran.code == 4
    assert re.fullmatch(r"uk-sms: .*\n", ran.err)


def test_read_only_and_production_accounts_are_kept(served):
    text = config_toml(served.origin)
    write_config(text.replace('provider = "vonage"', 'provider = "vonage"\nproduction = true'))
    ran = served.run("retarget", UK, "--to", TO, "--yes")
    assert (ran.code, ran.outcomes) == (6, ["refused"])
    assert "--confirm uk-sms" in ran.json[0]["error"]
    done = served.run("retarget", UK, "--to", TO, "--yes", "--confirm", "uk-sms")
    assert done.outcomes == ["verified"]
    write_config(text.replace('provider = "vonage"', 'provider = "vonage"\nread_only = true'))
    kept = served.run("retarget", UK, "--to", AU, "--yes")
    assert kept.code == 6
    write_config(text.replace('provider = "vonage"', 'provider = "vonage"\nrequire_reason = true'))
    bare = served.run("set", UK, "--clear", "voice", "--yes")
    assert "--reason" in bare.json[0]["error"]
    assert served.run("set", UK, "--clear", "voice", "--yes", "--reason", "x").code == 0


def test_locked_numbers_are_left_out_of_several(served):
    served.configure(f'\n[locks]\nnumbers = ["{AU}"]\n')
    ran = served.run("retarget", AU, "+442079460000", "--to", TO, "--yes")
    assert ran.outcomes == ["refused", "refused"]
    assert "locked" in ran.json[0]["error"]


def test_an_account_that_failed_is_named_where_another_one_holds_the_number(served):
    served.misbehave("vonage:*:503")
    ran = served.run("show", US)
    assert ran.code == 4
    assert ran.json["number"] == US
    assert "uk-sms: " in ran.err


def test_no_secret_is_ever_written(served):
    served.misbehave("vonage:*:500:times=3;fonedynamics:*:html:times=3")
    said = []
    # A process of its own differs from one command to the next in what it sends and records.
    for ran_by, words in (
        (served.process, ["list"]),
        (served.run, ["show", UK, "--raw"]),
        (served.run, ["targets"]),
        (served.run, ["search", "--country", "GB"]),
        (served.process, ["retarget", AU, "--to", TO, "--yes"]),
        (served.run, ["history"]),
        (served.run, ["accounts", "list"]),
        (served.run, ["accounts", "check"]),
    ):
        ran = ran_by(*words)
        said.append(ran.out + ran.err)
    kept = Paths.of_user().state.rglob("*")
    said += [path.read_bytes().decode(errors="replace") for path in kept]
    said.append(Paths.of_user().config_file.read_text())
    for account in ACCOUNTS:
        assert not any(account.secret in text for text in said)


def test_the_journal_is_private(served):
    served.process("retarget", AU, "--to", TO, "--yes")
    state = Paths.of_user().state
    assert stat.S_IMODE(state.stat().st_mode) == 0o700
    assert stat.S_IMODE(Paths.of_user().journal.stat().st_mode) == 0o600


def test_a_write_that_cannot_be_recorded_is_not_sent(served):
    state = Paths.of_user().state
    state.parent.mkdir(parents=True, exist_ok=True)
    state.write_text("in the way")
    ran = served.run("retarget", AU, "--to", TO, "--yes")
    assert (ran.code, ran.outcomes) == (6, ["refused"])
    assert "cannot be recorded" in ran.json[0]["error"]
    assert all(seen.method == "GET" for seen in served.sandbox.requests)


def test_the_sandbox_prints_its_configuration_and_ends_on_a_signal():
    command = [sys.executable, "-m", "tui_numbers", "sandbox", "--port", "0", "--numbers", "60"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        lines = []
        for line in process.stdout:
            lines.append(line)
            if "AU_SALES" in line:
                break
        text = "".join(lines)
        origin = re.search(r"http://127\.0\.0\.1:\d+", text)[0]
        assert config_toml(origin) in text
        port = origin.rpartition(":")[2]
        taken = subprocess.run(
            [*command[:4], "--port", port, "--numbers", "60"],
            capture_output=True,
            text=True,
            check=False,
        )
        assert (taken.returncode, taken.stdout) == (1, "")
        assert len(taken.stderr.splitlines()) == 1
        assert port in taken.stderr
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0


def test_a_signal_lets_a_write_under_way_end_and_be_recorded(served):
    served.hold("fonedynamics:update")
    words = ["retarget", AU, UK, "--to", "+61491570110", "--yes"]
    with start(served, "tui_numbers", *words) as process:
        for line in process.stderr:
            if "5550 6170" in line and line.rstrip().endswith("sending"):
                process.send_signal(signal.SIGINT)
            if line.startswith("stopping: waiting"):
                break
        served.let_go()
        out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert err.rstrip().endswith("stopped; nothing further was sent")
    assert '"outcome": "verified"' in out
    assert served.run("history", "--number", AU).outcomes == ["verified"]
