import csv
import io

import pytest

from tests.support.command_line import AU, TO, UK, US

KEYS = ["operation", "account", "number", "action", "outcome", "before", "after", "error"]
TEAM = "team:TMdeada1bb3fc16493c3281d1b277cd73e"


def test_a_retarget_is_previewed_sent_and_verified(demo):
    ran = demo("retarget", UK, "--to", TO, "--yes", "--reason", "INC-7")
    assert ran.code == 0
    (row,) = ran.json
    assert list(row) == KEYS
    assert (row["account"], row["number"], row["action"]) == ("uk-sms", UK, "retarget")
    assert row["outcome"] == "verified"
    assert row["after"]["routing"]["voice"]["value"] == TO
    assert row["after"]["routing"]["sms"] == row["before"]["routing"]["sms"]
    assert "calls: app " in ran.err
    assert "-> phone +44 20 7946 0999" in ran.err
    assert "warning: may be lost, since Vonage does not show it: SMPP system type" in ran.err


def test_a_retarget_leaves_every_other_setting_of_a_vonage_number(demo):
    number = "+33199001630"
    (row,) = demo("retarget", number, "--to", TO, "--yes").json
    before, after = row["before"]["settings"], row["after"]["settings"]
    assert {key for key in before if before[key] != after[key]} == {"voice"}


def test_retargeting_to_an_application_clears_the_phone_and_shows_both(demo):
    number = "+33199001630"
    ran = demo(
        "retarget", number, "--yes", "--to", "application:7f328fa1-87dc-4345-8b33-14125664bb8a"
    )
    (row,) = ran.json
    assert row["outcome"] == "verified"
    assert row["after"]["settings"]["voice"] is None
    assert "setting application: " in ran.err
    assert "setting voice: phone:+442079460032 -> empty" in ran.err


def test_a_shared_target_says_that_messages_move_too(demo):
    ran = demo("retarget", US, "--to", TEAM, "--yes")
    assert ran.outcomes == ["verified"]
    assert "this moves SMS too" in ran.err


def test_what_is_already_so_is_unchanged(demo):
    ran = demo("retarget", AU, "--to", "+61 491 570 156", "--yes")
    assert (ran.code, ran.outcomes) == (0, ["unchanged"])


def test_without_consent_nothing_is_sent(demo):
    ran = demo("retarget", UK, "--to", TO)
    assert ran.code == 6
    (row,) = ran.json
    assert (row["outcome"], row["error"]) == ("refused", "not confirmed: add --yes")


def test_nothing_to_send_needs_no_consent(demo):
    ran = demo("retarget", AU, "--to", "phone:+61491570156")
    assert (ran.code, ran.outcomes) == (0, ["unchanged"])


def test_a_dry_run_shows_and_sends_nothing(demo):
    ran = demo("retarget", UK, "--to", TO, "--dry-run")
    assert (ran.code, ran.outcomes) == (0, ["planned"])
    assert ran.json[0]["after"]["settings"]["voice"] == f"phone:{TO}"
    assert "sending" not in ran.err


def test_read_only_refuses_even_with_yes(demo):
    for words in (["retarget", UK, "--to", TO, "--yes"], ["set", AU, "friendly=x", "--yes"]):
        ran = demo(*words, "--read-only")
        assert (ran.code, ran.outcomes) == (6, ["refused"])
        assert "read-only: started with --read-only" in ran.json[0]["error"]
        assert "  refused: read-only: started with --read-only\n" in ran.err


def test_several_numbers_each_have_a_row_in_order_and_once(demo):
    ran = demo("retarget", AU, UK, "+61 2 5550 6170", "--to", TO, "--yes")
    assert ran.code == 0
    assert [row["number"] for row in ran.json] == [AU, UK]
    assert ran.outcomes == ["verified", "verified"]


def test_a_provider_that_cannot_take_the_target_is_a_refused_row(demo):
    ran = demo("retarget", AU, US, "--to", TO, "--yes")
    assert (ran.code, ran.outcomes) == (4, ["verified", "refused"])
    assert "Parakeet cannot point at" in ran.json[1]["error"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["retarget", UK, "--to", "nowhere"], "cannot point at 'nowhere'"),
        (["retarget", UK, "--to", "phone:12"], "not a complete phone number"),
        (["retarget", US, "--to", TO], "Parakeet cannot point at"),
        (
            ["retarget", UK, "--to", TO, "--channel", "sms"],
            "does not serve sms: point it at application or webhook",
        ),
        (["retarget", UK], "--to"),
        (["retarget", "--to", TO], "NUMBER"),
        (["set", UK], "nothing to change"),
        (["set", "voice=x"], "NUMBER"),
        (["set", UK, "vioce=x"], "did you mean 'voice'"),
        (["set", AU, "recording=maybe"], "recording is one of off, call"),
        (["set", AU, "friendly="], "friendly is empty"),
        (["set", AU, "friendly=a", "friendly=b"], "set twice"),
        (["set", UK, "voice=+442079460999", "--clear", "voice"], "both set and cleared"),
        (["set", UK, "friendly=x"], "Vonage has no setting 'friendly'"),
        (["retarget", UK, "--to", TO, "--confirm", "uk"], "no account 'uk'"),
    ],
)
def test_what_cannot_be_read_is_one_line_and_code_2(demo, words, said):
    ran = demo(*words, "--yes")
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err
    assert len(ran.err.splitlines()) == 1


def test_a_number_that_nobody_holds_is_a_refused_row(demo):
    ran = demo("retarget", "+442079460000", UK, "--to", TO, "--yes")
    assert (ran.code, ran.outcomes) == (4, ["refused", "verified"])
    assert ran.json[0]["account"] is None
    alone = demo("retarget", "+442079460000", "--to", TO, "--yes")
    assert (alone.code, alone.outcomes) == (6, ["refused"])


def test_set_changes_and_clears(demo):
    ran = demo("set", AU, "friendly==1+1", "recording=call", "--yes", "--format", "csv")
    assert ran.code == 0
    (row,) = csv.DictReader(io.StringIO(ran.out))
    assert row["outcome"] == "verified"
    assert row["number"] == AU
    assert row["after.settings.friendly"] == "'=1+1"
    number = "+33199001630"
    cleared = demo("set", number, "--clear", "voice", "--yes").json[0]
    assert cleared["after"]["settings"]["voice"] is None
    refused = demo("set", AU, "--clear", "friendly", "--yes")
    assert (refused.code, refused.outcomes) == (6, ["refused"])
    assert "no way to clear" in refused.json[0]["error"]


def test_the_verdict_on_settings_tells_the_settings(demo):
    def last(*words):
        return demo("set", AU, *words, "--yes", "--format", "table").out.splitlines()[-1]

    assert last("friendly=Night desk", "recording=call").endswith(
        "verified  friendly: Sydney front desk -> Night desk; recording: off -> call"
    )
    assert last("recording=off").endswith("unchanged  already as asked")


def test_what_is_never_shown_again_stays_unknown(demo):
    ran = demo("set", AU, "email_to=desk@northline.example", "--yes")
    assert (ran.code, ran.outcomes) == (5, ["unknown"])
    assert "does not show email_to" in ran.json[0]["error"]


@pytest.mark.parametrize(
    ("fault", "code", "outcome"),
    [
        ("vonage:update:reset-after:times=1", 0, "verified"),
        ("vonage:update:reset-before:times=1", 5, "unknown"),
        ("vonage:update:503:times=1", 5, "unknown"),
        ("vonage:update:429:times=1", 1, "failed"),
        ("vonage:update:not-applied", 1, "different"),
        ("vonage:update:other-setting", 1, "different"),
        ("vonage:update:slow-visible:reads=3", 0, "verified"),
        ("vonage:update:unauthorized", 1, "failed"),
    ],
)
def test_each_outcome_has_its_code(faulty, fault, code, outcome):
    ran = faulty(fault, "retarget", UK, "--to", TO, "--yes")
    assert (ran.code, ran.outcomes) == (code, [outcome])


def test_any_unknown_among_several_is_code_5(faulty):
    ran = faulty("vonage:update:reset-before", "retarget", UK, AU, "--to", TO, "--yes")
    assert (ran.code, ran.outcomes) == (5, ["unknown", "verified"])


def test_wrong_keys_everywhere_are_code_3(faulty):
    ran = faulty("*:*:unauthorized", "retarget", UK, "--to", TO, "--yes")
    assert (ran.code, ran.outcomes) == (3, ["failed"])


def test_buying_from_stock_points_it_afterwards(demo):
    (stock,) = demo("search", "--country", "GB", "--limit", "1", "--account", "uk-sms").json
    ran = demo("buy", stock["number"], "--account", "uk-sms", "--to", TO, "--yes")
    assert ran.code == 0
    assert [(row["action"], row["outcome"]) for row in ran.json] == [
        ("buy", "verified"),
        ("retarget", "verified"),
    ]
    for said in ("price: EUR", "balance: EUR", "no undo"):
        assert said in ran.err


def test_buying_sends_once_when_the_answer_is_lost(faulty):
    ran = faulty(
        "fonedynamics:buy:reset-after", "buy", "+61255506199", "--account", "au-sales", "--yes"
    )
    assert (ran.code, ran.outcomes) == (0, ["verified"])
    assert "price unknown: Fone Dynamics" in ran.err


def test_a_purchase_and_its_target_are_one_line_for_people_unless_they_ended_differently(
    demo, faulty
):
    words = ["buy", "+61255506199", "--account", "au-sales", "--to", "phone:+61491570156", "--yes"]
    (_, line) = demo(*words, "--format", "table").out.splitlines()
    assert line.split("  ")[-2:] == ["verified", "calls go to phone +61 491 570 156"]
    _, bought, pointed = faulty(
        "fonedynamics:update:not-applied", *words, "--format", "table"
    ).out.splitlines()
    assert "verified" in bought
    assert "different" in pointed


def _stock(demo, count):
    found = demo("search", "--country", "GB", "--limit", str(count), "--account", "uk-sms").json
    return [one["number"] for one in found]


def test_several_numbers_are_bought_as_one_batch_whose_sum_is_shown(demo):
    numbers = _stock(demo, 3)
    ran = demo("buy", *numbers, "--account", "uk-sms", "--to", TO, "--yes")
    assert ran.code == 0
    assert [(row["number"], row["action"], row["outcome"]) for row in ran.json] == [
        (number, action, "verified") for number in numbers for action in ("buy", "retarget")
    ]
    assert "3 together: EUR 3.00 a month · set-up unknown" in ran.err
    assert "calls: phone +44 20 7946 0999" in ran.err


def test_what_is_not_in_stock_is_named_and_the_others_are_bought(demo):
    (number,) = _stock(demo, 1)
    ran = demo("buy", "+442079469999", number, UK, "--account", "uk-sms", "--yes")
    assert (ran.code, ran.outcomes) == (4, ["refused", "verified", "unchanged"])
    assert "+442079469999 is not in the stock" in ran.err


def test_several_purchases_are_asked_for_once_and_a_dry_run_sends_none(demo):
    numbers = _stock(demo, 2)
    ran = demo("buy", *numbers, "--account", "uk-sms")
    assert (ran.code, ran.outcomes) == (6, ["refused"] * 2)
    assert {row["error"] for row in ran.json} == {"not confirmed: add --yes"}
    dry = demo("buy", *numbers, "--account", "uk-sms", "--dry-run")
    assert (dry.code, dry.outcomes) == (0, ["planned"] * 2)


def test_an_unknown_purchase_among_several_is_code_5(faulty, demo):
    numbers = _stock(demo, 2)
    words = ["buy", *numbers, "--account", "uk-sms", "--yes"]
    late = faulty("vonage:buy:reset-after:times=1", *words)
    assert (late.code, late.outcomes) == (0, ["verified", "verified"])
    lost = faulty("vonage:buy:reset-before:times=1", *words)
    assert (lost.code, sorted(lost.outcomes)) == (5, ["unknown", "verified"])


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["buy", "+442079460000"], 2, "add --account"),
        (["buy", "+442079460000", "--account", "uk-sms", "--account", "us-desk"], 2, "--account"),
        (["buy", "+12025550199", "--account", "uk-sms", "--yes"], 6, "not in the stock"),
        (["buy", UK, "--account", "uk-sms", "--yes"], 0, "already holds"),
        (["buy", "+442079460000", "--account", "uk-sms", "--to", "x"], 2, "cannot point at"),
        (["release", UK], 2, "add --account"),
        (["release", AU, "--account", "au-sales", "--confirm", AU], 6, "not offered"),
        (["release", UK, "--account", "us-desk", "--confirm", UK], 6, "not held by us-desk"),
    ],
)
def test_what_is_not_bought_or_released_says_why(demo, words, code, said):
    ran = demo(*words)
    assert ran.code == code
    assert said in ran.err


def test_buying_asks_first(demo):
    ran = demo("buy", "+61255506199", "--account", "au-sales")
    assert (ran.code, ran.json[0]["error"]) == (6, "not confirmed: add --yes")
    dry = demo("buy", "+61255506199", "--account", "au-sales", "--dry-run")
    assert (dry.code, dry.outcomes) == (0, ["planned"])


def test_a_release_takes_the_whole_number_again(demo):
    ran = demo("release", UK, "--account", "uk-sms")
    assert (ran.code, ran.json[0]["error"]) == (6, f"not confirmed: add --confirm {UK}")
    assert demo("release", UK, "--account", "uk-sms", "--confirm", "6170").code == 6
    assert demo("release", UK, "--account", "uk-sms", "--yes").code == 6
    done = demo("release", UK, "--account", "uk-sms", "--confirm", "0044 7400 906170")
    assert (done.code, done.outcomes) == (0, ["verified"])
    assert done.json[0]["after"] is None
