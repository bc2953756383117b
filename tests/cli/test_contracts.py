"""What scripts rely on: codes, defaults, records that can be handed back, who is asked."""

import csv
import inspect
import io
import sys
from datetime import UTC, datetime

import pytest

from tests.cli.test_reading import OWNED_KEYS, STOCK_KEYS
from tests.support.command_line import AU, TO, UK, US, run, write_config
from tui_numbers.cli import errors
from tui_numbers.domain.accounts import Account
from tui_numbers.domain.numbers import AvailableNumber
from tui_numbers.domain.query import Match, StockQuery
from tui_numbers.sandbox.accounts import config_toml
from tui_numbers.services import keyring
from tui_numbers.services.secrets import run_secret_command
from tui_numbers.services.session import open_session

TWICE = """
[accounts.uk-night]
provider = "vonage"
api_key = "5b0c7d1e"
base_url = "{origin}/vonage"
"""


@pytest.mark.parametrize(
    ("codes", "code"),
    [
        ([], 0),
        ([0, 0], 0),
        ([6, 6], 6),
        ([1, 1], 1),
        ([3, 3], 3),
        ([0, 6], 4),
        ([1, 6], 4),
        ([0, 5], 5),
        ([1, 5, 6], 5),
    ],
)
def test_several_numbers_have_one_code(codes, code):
    assert errors.code_of_outcomes(codes) == code


def test_several_numbers_that_are_refused_alike_share_their_code(demo):
    ran = demo("retarget", AU, UK, "--to", TO, "--yes", "--read-only")
    assert (ran.code, ran.outcomes) == (6, ["refused", "refused"])
    before = run("--read-only", "--demo", "--numbers", "60", "retarget", UK, "--to", TO, "--yes")
    assert (before.code, before.outcomes) == (6, ["refused"])


def test_a_number_of_several_accounts_is_refused_until_one_is_named(served, monkeypatch):
    for name, value in served.environment.items():
        monkeypatch.setenv(name, value)
    secret = served.environment["TUI_NUMBERS_SECRET_UK_SMS"]
    monkeypatch.setenv("TUI_NUMBERS_SECRET_UK_NIGHT", secret)
    write_config(config_toml(served.origin) + TWICE.format(origin=served.origin))
    problem = f"{UK} is held by uk-sms and uk-night: name one with --account"
    ran = run("retarget", UK, "--to", TO, "--yes")
    assert (ran.code, ran.outcomes, ran.json[0]["error"]) == (6, ["refused"], problem)
    shown = run("show", UK)
    assert (shown.code, shown.out, shown.err) == (6, "", f"{problem}\n")
    assert all(request.method == "GET" for request in served.sandbox.requests)
    one = run("retarget", UK, "--to", TO, "--yes", "--account", "uk-night")
    assert [(row["account"], row["outcome"]) for row in one.json] == [("uk-night", "verified")]


def test_messages_alone_are_sent_elsewhere(demo):
    target = "webhook:https://hooks.example/in"
    number = next(
        one["number"]
        for one in demo("list", "--account", "uk-sms", "--features", "sms,voice").json
        if not one["settings"]["application"]
    )
    for words in (["--channel", "sms"], []):
        (row,) = demo("retarget", number, "--to", target, "--yes", *words).json
        assert row["outcome"] == "verified"
        assert row["after"]["settings"]["sms"] == target
        assert row["after"]["routing"]["voice"] == row["before"]["routing"]["voice"]


@pytest.mark.parametrize("number", [US, UK, AU, "+33199001630"])
def test_every_setting_that_is_told_can_be_given_back(demo, number):
    settings = demo("show", number).json["settings"]
    told = [f"{key}={value}" for key, value in settings.items() if value is not None]
    ran = demo("set", number, *told, "--yes")
    assert (ran.code, ran.outcomes) == (0, ["unchanged"])


def test_before_and_after_are_owned_numbers(demo):
    (row,) = demo("set", AU, "friendly=x", "--yes").json
    assert list(row["before"]) == list(row["after"]) == OWNED_KEYS
    (released,) = demo("release", UK, "--account", "uk-sms", "--confirm", UK).json
    assert (list(released["before"]), released["after"]) == (OWNED_KEYS, None)


def test_a_search_without_more_words_finds_twenty_of_each_account_anywhere(demo):
    found = demo("search", "--country", "US").json
    counts = [sum(one["account"] == name for one in found) for name in ("us-desk", "uk-sms")]
    assert counts == [20, 20]
    inside = demo("search", "--country", "US", "--pattern", "22", "--account", "uk-sms").json
    assert not all(one["number"].startswith("+22") for one in inside)
    assert not all(one["number"].endswith("22") for one in inside)
    first = ["search", "--country", "US", "--match", "starts", "--pattern", "1"]
    assert demo(*first).json == found


def test_a_pattern_stands_where_it_is_asked_for():
    stock = AvailableNumber("a", "p", "+12025550122", "US", "local", ("voice",))
    accepted = {
        match: [
            pattern
            for pattern in ("1202", "555", "122")
            if StockQuery("US", pattern=pattern, match=match).accepts(stock)
        ]
        for match in Match
    }
    assert accepted == {
        Match.STARTS: ["1202"],
        Match.CONTAINS: ["1202", "555", "122"],
        Match.ENDS: ["122"],
    }


def test_stock_and_targets_have_the_columns_of_their_records(demo):
    (stock,) = csv.DictReader(
        io.StringIO(demo("search", "--country", "GB", "--account", "uk-sms", "--limit", "1",
                         "--format", "csv").out)
    )  # fmt: skip
    assert set(STOCK_KEYS) <= set(stock)
    assert stock["number"].startswith("+44")
    assert stock["monthly_cost_currency"] == "EUR"
    rows = list(csv.DictReader(io.StringIO(demo("targets", "--format", "csv").out)))
    assert set(rows[0]) == {"account", "channels", "kind", "value", "label", "numbers"}


def test_a_listing_asks_the_providers_whatever_a_snapshot_keeps(served):
    session = open_session()
    account = session.accounts[1]
    session.snapshot.save(account.name, [], datetime(2100, 1, 1, tzinfo=UTC))
    session.snapshot.close()
    assert len(served.process("list").json) == 60


async def test_a_command_for_a_secret_knows_no_shell():
    script = "import sys; print(sys.argv[1])"
    words = "$HOME; echo `id` && echo x | cat > y"
    account = Account("a", "p", secret_command=(sys.executable, "-c", script, words))
    assert (await run_secret_command(account)).reveal() == words


def test_a_keyring_has_three_seconds():
    assert keyring.Keyring().seconds == 3
    assert inspect.signature(keyring.Keyring).parameters["seconds"].default == 3
