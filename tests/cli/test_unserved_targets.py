"""A target that does not serve a channel is refused, wherever a channel can be sent to it."""

import pytest
from msgspec import structs

from tests.support.command_line import UK, run


@pytest.fixture
def served(served, monkeypatch):
    """The sandbox on its port, for commands that run in this process."""
    for name, value in served.environment.items():
        monkeypatch.setenv(name, value)
    applications = served.sandbox.world.vonage.applications
    kept = dict(applications)
    yield served
    applications.clear()
    applications.update(kept)


def _application(served, *capabilities):
    """Return an application with exactly these capabilities."""
    applications = served.sandbox.world.vonage.applications
    identifier = "00000000-1111-4222-8333-" + "".join(f"{len(one):03d}" for one in capabilities)
    identifier = identifier.ljust(36, "0")
    first = next(iter(applications.values()))
    applications[identifier] = structs.replace(
        first, id=identifier, name="Odd One", capabilities=capabilities
    )
    return identifier


def _record(served, **fields):
    ledger = served.sandbox.world.vonage.numbers
    ledger.put(UK[1:], structs.replace(ledger.get(UK[1:]), **fields))
    return lambda: ledger.get(UK[1:])


def _updates(served):
    return sum(request.route in ("update", "buy") for request in served.sandbox.requests)


UNSERVED = [
    ("voice", ("messages",), "Odd One takes SMS alone: calls would not arrive"),
    ("voice", ("verify", "messages"), "Odd One takes SMS alone: calls would not arrive"),
    ("voice", ("rtc",), "Odd One takes neither calls nor SMS: calls would not arrive"),
    ("sms", ("voice", "rtc"), "Odd One takes calls alone: SMS would not arrive"),
    ("sms", ("vbc",), "Odd One takes neither calls nor SMS: SMS would not arrive"),
]


@pytest.mark.parametrize(("channel", "capabilities", "said"), UNSERVED)
def test_a_retarget_to_a_target_that_does_not_serve_the_channel_is_refused(
    served, channel, capabilities, said
):
    to = f"application:{_application(served, *capabilities)}"
    for words in (["--yes"], ["--dry-run"]):
        ran = run("retarget", UK, "--to", to, "--channel", channel, *words)
        assert (ran.code, ran.outcomes) == (6, ["refused"])
        assert ran.json[0]["error"] == said
    assert _updates(served) == 0


@pytest.mark.parametrize("capabilities", [("messages",), ("voice",), ("rtc",)])
def test_set_refuses_an_application_that_loses_a_channel_which_arrives_now(served, capabilities):
    to = f"application:{_application(served, *capabilities)}"
    _record(served, app_id=_application(served, "voice", "messages"))
    ran = run("set", UK, f"application={to}", "--yes")
    assert (ran.code, ran.outcomes) == (6, ["refused"])
    assert "would not arrive" in ran.json[0]["error"]
    assert _updates(served) == 0


@pytest.mark.parametrize("voice", [None, "override"])
def test_an_application_for_messages_alone_may_take_messages(served, voice):
    to = f"application:{_application(served, 'messages')}"
    forwarded = {"voice_type": "tel", "voice_value": "442079460000"} if voice else {}
    _record(served, app_id=None, **forwarded)
    ran = run("retarget", UK, "--to", to, "--channel", "sms", "--yes")
    assert ran.outcomes == ["verified"]
    assert ("calls would not arrive" in ran.err) == (voice is None)


def test_a_number_for_calls_alone_gets_no_application_for_messages_by_set(served):
    to = f"application:{_application(served, 'messages')}"
    _record(served, app_id=None, features=("VOICE",))
    ran = run("set", UK, f"application={to}", "--yes")
    assert (ran.code, ran.outcomes, _updates(served)) == (6, ["refused"], 0)


def test_a_number_that_points_at_such_a_target_already_is_not_said_to_be_as_asked(served):
    target = _application(served, "messages")
    _record(served, app_id=target)
    ran = run("retarget", UK, "--to", f"application:{target}", "--yes")
    assert (ran.code, ran.outcomes) == (6, ["refused"])


def test_a_purchase_is_not_pointed_at_a_target_that_takes_no_calls(served):
    (stock,) = run("search", "--country", "GB", "--account", "uk-sms", "--limit", "1").json
    to = f"application:{_application(served, 'messages')}"
    ran = run("buy", stock["number"], "--account", "uk-sms", "--to", to, "--yes")
    assert (ran.code, ran.outcomes, _updates(served)) == (6, ["refused"], 0)


def test_undo_warns_that_calls_will_not_arrive_and_puts_back_what_was(served):
    silent = _application(served, "messages")
    record = _record(served, app_id=silent)
    (done,) = run("retarget", UK, "--to", "+442079460999", "--yes").json
    back = run("undo", done["operation"], "--yes")
    assert "warning: Odd One takes SMS alone: calls would not arrive" in back.err
    assert (back.outcomes, record().app_id) == (["verified"], silent)


def test_a_target_that_is_not_listed_is_warned_of(served):
    to = "application:99999999-1111-4222-8333-444444444444"
    ran = run("retarget", UK, "--to", to, "--dry-run")
    assert f"the account does not list {to}: nothing may arrive there" in ran.err


def test_applications_that_cannot_be_asked_hinder_no_retarget_and_are_said(served):
    to = next(iter(served.sandbox.world.vonage.applications))
    served.misbehave("vonage:applications:500")
    ran = run("retarget", UK, "--to", f"application:{to}", "--dry-run")
    assert "takes calls and SMS could not be asked" in ran.err
    assert ran.outcomes == ["planned"]


def test_several_numbers_ask_for_their_target_once(served):
    to = next(iter(served.sandbox.world.vonage.applications))
    mine = [row["number"] for row in run("list", "--account", "uk-sms").json][:4]
    served.sandbox.requests.clear()
    run("retarget", *mine, "--to", f"application:{to}", "--dry-run")
    assert sum(request.route == "applications" for request in served.sandbox.requests) <= 1
