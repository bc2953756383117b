"""`check`, `summary` and `targets`: what is wrong, how many, and who points where."""

import csv
import io

import pytest

from tests.support.command_line import UK
from tui_numbers.wording.summary import BY

FINDING_KEYS = ["account", "number", "code", "text", "fix"]
GROUP_KEYS = ["by", "key", "label", "numbers", "monthly_cost", "cost_unknown"]


def test_check_tells_every_finding_and_ends_with_4(demo):
    ran = demo("check")
    assert ran.code == 4
    assert {tuple(record) for record in ran.json} == {tuple(FINDING_KEYS)}
    assert {record["code"] for record in ran.json} >= {"unrouted", "target_not_ready"}
    assert all(all(record.values()) for record in ran.json)


def test_check_says_on_a_terminal_what_to_do_about_each_kind(demo):
    ran = demo("check", "--format", "table")
    assert "calls and SMS go nowhere" in ran.out
    assert "unrouted: retarget it (t), or release it (X)" in ran.err


def test_check_of_numbers_that_are_in_order_ends_with_0(demo):
    ran = demo("check", "--filter", "6170")
    assert (ran.code, ran.json) == (0, [])
    table = demo("check", "--filter", "6170", "--format", "table")
    assert table.out == ""
    assert "nothing is wrong with 3 of 60 numbers" in table.err


def test_check_as_csv_keeps_numbers_bare(demo):
    rows = list(csv.DictReader(io.StringIO(demo("check", "--format", "csv").out)))
    assert list(rows[0]) == FINDING_KEYS
    assert all(row["number"].startswith("+") for row in rows)


def test_check_says_which_account_could_not_be_read(faulty):
    ran = faulty("vonage:*:unauthorized", "check")
    assert ran.code == 4
    assert "uk-sms: " in ran.err
    assert {record["account"] for record in ran.json} == {"us-desk", "au-sales", "us-hotline"}


def test_without_a_listing_of_targets_none_is_said_to_be_gone(served):
    served.misbehave("vonage:applications:500")
    ran = served.run("check")
    assert ran.code == 4
    assert not [record for record in ran.json if record["code"].startswith("target_")]
    assert "uk-sms: whether its targets are there is not known" in ran.err


def test_what_is_left_unknown_is_a_finding_of_check_list_and_show(served):
    assert served.run("set", UK, "smpp_system_type=x", "--yes").outcomes == ["unknown"]
    (told,) = [one for one in served.run("check").json if one["code"] == "unknown"]
    assert (told["account"], told["number"]) == ("uk-sms", UK)
    (listed,) = served.run("list", "--filter", "is:finding 906170").json
    assert "unknown" in [one["code"] for one in listed["findings"]]
    shown = served.run("show", UK)
    assert [tuple(one) for one in shown.json["findings"]] == [("code", "text")]
    assert "Unknown" in served.run("show", UK, "--format", "table").out


def test_a_ring_is_a_finding_of_check_and_of_show(served):
    assert served.run("retarget", UK, "--to", UK, "--yes").outcomes == ["verified"]
    rings = [one for one in served.run("check").json if one["code"] == "ring"]
    assert [one["number"] for one in rings] == [UK]
    shown = served.run("show", UK).json["findings"]
    assert {"code": "ring", "text": rings[0]["text"]} in shown


def test_a_target_that_was_deleted_is_gone(served):
    (number,) = [one for one in served.run("list").json if one["number"] == UK]
    application = number["routing"]["voice"]["value"]
    applications = served.sandbox.world.vonage.applications
    kept = applications.pop(application)
    try:
        gone = [one for one in served.run("check").json if one["code"] == "target_gone"]
        assert UK in [one["number"] for one in gone]
        listed = [one for one in served.run("list").json if one["number"] == UK]
        assert [one["code"] for one in listed[0]["findings"]] == ["target_gone"]
    finally:
        applications[application] = kept


@pytest.mark.parametrize("by", BY)
def test_a_summary_counts_every_number_once(demo, by):
    ran = demo("summary", "--by", by)
    assert ran.code == 0
    assert {tuple(record) for record in ran.json} == {tuple(GROUP_KEYS)}
    assert sum(record["numbers"] for record in ran.json) == 60
    assert {record["by"] for record in ran.json} == {by}
    counts = [record["numbers"] for record in ran.json]
    assert counts == sorted(counts, reverse=True)
    # None of the three tells what an owned number costs, so no amount is made up.
    assert all(record["monthly_cost"] == [] for record in ran.json)
    assert all(record["cost_unknown"] == record["numbers"] for record in ran.json)


def test_a_summary_says_in_words_what_is_not_told(demo):
    (untold,) = [one for one in demo("summary", "--by", "type").json if one["key"] is None]
    assert untold["label"] == "not told"
    (nowhere,) = [one for one in demo("summary", "--by", "target").json if one["key"] is None]
    assert nowhere["label"] == "nowhere"


def test_a_summary_has_bars_on_a_terminal(demo):
    ran = demo("summary", "--by", "account", "--by", "status", "--format", "table")
    assert ran.out.startswith("By account\n")
    assert "\nBy status\n" in ran.out
    assert "█" in ran.out
    assert "100 %" in ran.out


def test_a_summary_counts_what_a_filter_leaves(demo):
    ran = demo("summary", "--filter", "6170")
    assert sum(record["numbers"] for record in ran.json) == 3


def test_targets_tell_how_many_numbers_point_there(demo):
    listed = demo("list").json
    targets = {(one["account"], one["kind"], one["value"]): one for one in demo("targets").json}
    for (account, kind, value), target in targets.items():
        pointing = [
            one
            for one in listed
            if one["account"] == account
            and any(to and (to["kind"], to["value"]) == (kind, value)
                    for to in one["routing"].values())
        ]  # fmt: skip
        assert target["numbers"] == len(pointing)


def test_unused_targets_are_those_without_a_number(demo):
    every, unused = demo("targets").json, demo("targets", "--unused").json
    assert unused
    assert unused == [one for one in every if one["numbers"] == 0]


def test_where_numbers_could_not_be_listed_their_count_is_not_told(served):
    served.misbehave("vonage:list:500")
    ran = served.run("targets")
    assert ran.code == 4
    told = {one["account"]: one["numbers"] for one in ran.json}
    assert told["uk-sms"] is None
    assert told["us-desk"] is not None
    assert "uk-sms: how many numbers point at its targets is not known: " in ran.err
    assert "HTTP 500" in ran.err
    table = served.run("targets", "--format", "table").out
    shown = [line for line in table.splitlines() if "uk-sms" in line]
    assert shown
    assert all("unknown" in line for line in shown)
    unused = served.run("targets", "--unused")
    assert unused.code == 4
    assert "uk-sms" not in {one["account"] for one in unused.json}


@pytest.mark.parametrize(("only", "code"), [((), 4), (("--account", "uk-sms"), 3)])
def test_where_targets_could_not_be_listed_that_is_what_is_told(served, only, code):
    served.misbehave("vonage:list:500;vonage:applications:unauthorized")
    ran = served.run("targets", *only)
    assert ran.code == code
    assert "uk-sms" not in {one["account"] for one in ran.json}
    (told,) = [line for line in ran.err.splitlines() if "uk-sms: " in line]
    assert "rejected the key" in told
