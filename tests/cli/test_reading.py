import csv
import io
import json
from decimal import Decimal

import pytest

from tests.support.command_line import AU, UK, US
from tui_numbers.cli.lookup import listed_country

OWNED_KEYS = [
    "account", "provider", "id", "number", "country", "type", "capabilities", "status", "name",
    "region", "city", "monthly_cost", "routing", "settings", "findings", "temporary",
    "created_at", "updated_at", "seen_at",
]  # fmt: skip
STOCK_KEYS = [
    "account", "provider", "number", "country", "type", "capabilities", "region", "city",
    "monthly_cost", "setup_cost", "address_requirement",
]  # fmt: skip


def test_list_prints_every_number_in_the_order_of_the_accounts(demo):
    ran = demo("list")
    assert ran.code == 0
    assert {tuple(record) for record in ran.json} == {tuple(OWNED_KEYS)}
    accounts = [record["account"] for record in ran.json]
    assert list(dict.fromkeys(accounts)) == ["us-desk", "uk-sms", "au-sales", "us-hotline"]
    numbers = [record["number"] for record in ran.json if record["account"] == "uk-sms"]
    assert numbers == sorted(numbers)
    assert {US, UK, AU} <= {record["number"] for record in ran.json}
    assert set(ran.json[0]["routing"]) == {"voice", "sms"}


@pytest.mark.parametrize("words", [["--demo", "list"], ["list", "--demo"]])
def test_global_options_stand_on_either_side(words):
    from tests.support.command_line import run

    ran = run(*words, "--account", "uk-sms", "--numbers", "60")
    assert {record["account"] for record in ran.json} == {"uk-sms"}
    before = run("--account", "au-sales", "--account", "uk-sms", *words, "--numbers", "60")
    assert [record["account"] for record in before.json] == sorted(
        (record["account"] for record in before.json), reverse=True
    )


@pytest.mark.parametrize(
    ("options", "accepts"),
    [
        (["--country", "gb"], lambda one: one["country"] == "GB"),
        (["--country", "uk"], lambda one: one["country"] == "GB"),
        (["--country", "+44"], lambda one: one["country"] == "GB"),
        (["--type", "toll-free"], lambda one: one["type"] == "toll_free"),
        (["--status", "porting"], lambda one: one["status"] == "porting"),
        (["--features", "sms,voice"], lambda one: {"sms", "voice"} <= set(one["capabilities"])),
        (["--features", "sms voice"], lambda one: {"sms", "voice"} <= set(one["capabilities"])),
        (["--unrouted"], lambda one: not any(one["routing"].values())),
        (
            ["--type", "toll_free,shared-rate"],
            lambda one: one["type"] in ("toll_free", "shared_cost"),
        ),
        (["--type", "Shared-Rate"], lambda one: one["type"] == "shared_cost"),
        (["--status", "confirmed"], lambda one: one["provider"] == "parakeet"),
        (["--linked", "application"], lambda one: "application:" in str(one["settings"].values())),
        (["--target", "team"], lambda one: one["routing"]["voice"]["kind"] == "team"),
        (
            ["--target", "phone:0061 491 570 156"],
            lambda one: one["routing"]["voice"]["value"] == "+61491570156",
        ),
    ],
)
def test_list_filters(demo, options, accepts):
    ran = demo("list", *options)
    assert ran.code == 0
    assert ran.json
    assert all(accepts(record) for record in ran.json)


def test_list_says_how_many_are_left_out_for_want_of_knowledge(demo):
    ran = demo("list", "--type", "local")
    assert "us-desk: 25 left out, since it does not tell the type" in ran.err


@pytest.mark.parametrize("text", ["617", "367-6170", "(267) 367 61", "customer service"])
def test_list_finds_by_text(demo, text):
    assert US in [record["number"] for record in demo("list", "--filter", text).json]


def test_list_finds_by_the_name_of_a_target_in_every_format(demo):
    found = demo("list", "--filter", "support ivr").json
    assert UK in [record["number"] for record in found]
    assert "Support IVR" in demo("list", "--filter", "support ivr", "--format", "table").out


@pytest.mark.parametrize(
    "options",
    [
        ["--status", "suspended"],
        ["--status", "on-hold,suspended"],
        ["--type", "mobile-shortcode"],
        ["--features", "fax"],
        ["--features", "voice,fax"],
        ["--target", "flowchart"],
        ["--target", "queue:42"],
        ["--linked", "queue"],
    ],
)
def test_a_word_of_the_provider_is_asked_for_though_nothing_bears_it_today(demo, options):
    ran = demo("list", *options)
    assert (ran.code, ran.json) == (0, [])


@pytest.mark.parametrize("code", ["EU", "XK", "an"])
def test_a_country_is_asked_for_as_the_provider_calls_it(code):
    (country,) = {listed_country(code), listed_country(f" {code.lower()} ")}
    assert country == code.upper()


def test_a_linked_number_is_listed_though_a_phone_overrides_its_application(demo):
    def numbers(*options):
        return {one["number"] for one in demo("list", "--account", "uk-sms", *options).json}

    target, linked = numbers("--target", "application"), numbers("--linked", "application")
    assert target < linked
    assert numbers("--not-linked", "application") == numbers() - linked
    assert numbers("--filter", "linked:application") == linked
    assert numbers("--filter", "!linked:application") == numbers() - linked
    assert numbers("--filter", "application:") == target


@pytest.mark.parametrize("form", [("list",), ("show", UK), ("list", "--format", "csv")])
def test_the_names_that_the_table_prints_are_in_every_format(demo, form):
    assert "Support IVR" in demo(*form).out


def test_every_application_has_its_name_in_json(demo):
    targets = [
        target
        for one in demo("list", "--account", "uk-sms").json
        for target in one["routing"].values()
        if target and target["kind"] == "application"
    ]
    assert targets
    assert all(target["label"] for target in targets)


def test_a_filter_that_matches_nothing_prints_an_empty_list(demo):
    assert (demo("list", "--filter", "nobody-at-all").json, demo("list").code) == ([], 0)


def test_the_table_is_for_people(demo):
    ran = demo("list", "--filter", "6170", "--format", "table")
    lines = ran.out.splitlines()
    assert lines[0].split() == ["Number", "Name", "Calls", "go", "to", "Account", "Status"]
    assert lines[1].startswith("+1 267-367-6170  Customer Service")
    assert "team Customer Service" in lines[1]
    assert "\x1b" not in ran.out
    assert ran.err == "3 of 60 numbers\n"


def test_csv_keeps_numbers_bare_and_flattens(demo):
    rows = list(csv.DictReader(io.StringIO(demo("list", "--format", "csv").out)))
    (uk,) = [row for row in rows if row["number"] == UK]
    assert uk["capabilities"] == "voice,sms"
    assert uk["voice"].startswith("application:")
    assert uk["settings.application"] == uk["voice"]
    assert uk["settings.friendly"] == ""
    assert len(rows) == 60


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--type", "locl"], "did you mean 'local'"),
        (["--status", "activ"], "did you mean 'active'"),
        (["--features", "voice,smss"], "did you mean 'sms'"),
        (["--country", "Britian"], "did you mean 'GB'"),
        (["--country", "1"], "calling code of US (United States), CA (Canada)"),
        (["--country", "ZQ"], "two letters"),
        (["--target", "temm"], "did you mean 'team'"),
        (["--target", "phone:12"], "not a complete phone number"),
        (["--target", "team", "--unrouted"], "exclude each other: leave one of them out"),
        (["--account", "uk-smss"], "did you mean 'uk-sms'"),
        (["--contry", "GB"], "--country"),
        (["6170"], "write --filter '6170'"),
        (["--format", "xml"], "json"),
    ],
)
def test_a_word_that_is_not_known_is_one_line_and_code_2(demo, options, said):
    ran = demo("list", *options)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err
    assert len(ran.err.splitlines()) == 1


def test_show_prints_one_object(demo):
    ran = demo("show", "0044 7400 906170")
    assert ran.code == 0
    assert list(ran.json) == [*OWNED_KEYS, "path"]
    assert ran.json["number"] == UK
    raw = demo("show", UK, "--raw").json
    assert raw["raw"]["msisdn"] == UK[1:]


def test_show_for_people_names_every_setting(demo):
    ran = demo("show", UK, "--format", "table")
    assert "app Support IVR" in ran.out
    for key in ("application", "voice", "sms", "voice_status", "smpp_system_type"):
        assert f"[{key}]" in ran.out
    assert "not told by the provider" in ran.out


@pytest.mark.parametrize("number", ["6170", "020 7946 0000", "abc", ""])
def test_a_partial_number_is_one_line_and_code_2(demo, number):
    ran = demo("show", number)
    assert (ran.code, ran.out) == (2, "")
    assert repr(number) in ran.err
    assert len(ran.err.splitlines()) == 1


def test_a_number_that_matches_nothing_is_refused(demo):
    ran = demo("show", "+442079460000")
    assert (ran.code, ran.out) == (6, "")
    assert (
        ran.err == "+442079460000 is not held by us-desk, uk-sms, au-sales, us-hotline, eu-care\n"
    )


def test_targets_are_listed_per_account(demo):
    ran = demo("targets")
    assert ran.code == 0
    assert {tuple(record) for record in ran.json} == {
        ("account", "channels", "kind", "value", "label", "numbers")
    }
    assert {record["kind"] for record in ran.json} == {
        "user",
        "team",
        "application",
        "flow",
        "connection",
        "profile",
        "trunk",
        "service",
    }
    table = demo("targets", "--format", "table")
    assert "uk-sms also takes, as typed: phone:" in table.err


def test_search_finds_stock_and_says_what_each_account_did(demo):
    ran = demo("search", "--country", "GB", "--features", "voice,sms", "--pattern", "2020")
    assert ran.code == 0
    assert {tuple(record) for record in ran.json} == {tuple(STOCK_KEYS)}
    assert all("2020" in record["number"] for record in ran.json)
    currencies = {record["account"]: record["monthly_cost"]["currency"] for record in ran.json}
    assert currencies == {"uk-sms": "EUR", "us-hotline": "USD", "eu-care": "USD"}
    assert isinstance(ran.json[0]["monthly_cost"]["amount"], str)
    assert "features filtered here" in ran.err
    assert "au-sales: search is not offered: " in ran.err


def test_search_takes_letters_and_a_limit(demo):
    ran = demo("search", "--country", "us", "--pattern", "CAB", "--match", "ends", "--limit", "2")
    assert all(record["number"].endswith("222") for record in ran.json)
    counts = [record["account"] for record in ran.json]
    assert 0 < counts.count("us-desk") <= 2
    assert 0 < counts.count("uk-sms") <= 2


@pytest.mark.parametrize("pattern", ["161", "0161", "44161", "+44 161"])
@pytest.mark.slow_after(2)
def test_a_search_for_a_beginning_takes_it_with_and_without_the_country_code(demo, pattern):
    ran = demo("search", "--country", "england", "--pattern", pattern, "--match", "starts")
    assert ran.json
    assert all(one["number"].startswith("+44161") for one in ran.json)
    assert ("read as +44161" in ran.err) == (pattern != "+44 161")


def test_a_search_by_place_is_done_here_and_says_so(demo):
    ran = demo("search", "--country", "GB", "--place", "manchester", "--account", "uk-sms")
    assert ran.json
    assert all(one["number"].startswith("+44161") for one in ran.json)
    assert "place filtered here" in ran.err
    assert (
        demo("search", "--country", "GB", "--place", "atlantis", "--account", "uk-sms").json == []
    )


def test_found_stock_is_sorted_as_asked_and_says_that_there_may_be_more(demo):
    def found(sort):
        return demo("search", "--country", "GB", "--account", "uk-sms", "--sort", sort)

    prices = [Decimal(one["monthly_cost"]["amount"]) for one in found("price").json]
    assert prices == sorted(prices)
    numbers = [one["number"] for one in found("number").json]
    assert numbers == sorted(numbers)
    memorable_ones = found("memorable")
    assert {one["number"] for one in memorable_ones.json} == set(numbers)
    assert "sorted by memorable among what is shown, not all stock (--limit)" in memorable_ones.err
    assert demo("search", "--country", "GB", "--sort", "colour").code == 2


def test_the_table_of_a_search_spells_the_word_that_was_asked_for(demo):
    asked = ["search", "--country", "US", "--pattern", "CAB", "--format", "table", "--limit", "3"]
    lines = demo(*asked).out.splitlines()
    assert "Reads" in lines[0]
    assert all("CAB" in line for line in lines[1:])


def test_a_search_that_no_asked_account_offers_is_refused(demo):
    ran = demo("search", "--country", "AU", "--account", "au-sales")
    assert (ran.code, ran.json) == (6, [])


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([], "country"),
        (["--country", "XX"], "two letters"),
        (["--country", "GB", "--pattern", "20*"], "digits or the letters"),
        (["--country", "GB", "--limit", "0"], "limit"),
    ],
)
def test_a_search_that_cannot_be_read_is_code_2(demo, options, said):
    ran = demo("search", *options)
    assert ran.code == 2
    assert said in ran.err


def test_one_failing_account_is_named_and_the_rest_printed(faulty):
    ran = faulty("vonage:*:unauthorized", "list")
    assert ran.code == 4
    assert {record["account"] for record in ran.json} == {"us-desk", "au-sales", "us-hotline"}
    (line,) = ran.err.splitlines()
    assert line.startswith("uk-sms: ")


@pytest.mark.parametrize(
    ("fault", "code"), [("unauthorized", 3), ("500", 1), ("html", 1), ("half-json", 1), ("429", 1)]
)
@pytest.mark.parametrize("words", [["list"], ["targets"], ["search", "--country", "GB"]])
def test_when_every_account_fails_the_code_says_how(faulty, fault, code, words):
    ran = faulty(f"*:*:{fault}", *words, "--account", "us-desk", "--account", "uk-sms")
    assert (ran.code, ran.json) == (code, [])
    lines = [line for line in ran.err.splitlines() if "waiting" not in line]
    assert [line.partition(":")[0] for line in sorted(lines)] == ["uk-sms", "us-desk"]


def test_show_says_which_accounts_could_not_be_asked(faulty):
    ran = faulty("vonage:*:unauthorized", "show", "+442079460000")
    assert ran.code == 4
    assert (
        "not held by us-desk, au-sales, us-hotline, eu-care; not known, without an answer: uk-sms: "
        in ran.err
    )
    assert faulty("*:*:unauthorized", "show", UK).code == 3


def test_a_record_that_cannot_be_read_is_counted(faulty):
    ran = faulty("fonedynamics:list:bad-number", "list")
    assert ran.code == 4
    assert "left out" in ran.err
    assert json.loads(ran.out)


def test_list_prints_the_columns_that_are_asked_for_in_their_order(demo):
    ran = demo("list", "--columns", "status,number,In,voice", "--format", "table")
    assert ran.out.splitlines()[0].split()[:3] == ["Status", "Number", "In"]
    assert "Calls go to" in ran.out.splitlines()[0]
    assert "Account" not in ran.out


def test_csv_has_the_columns_that_are_asked_for_and_values_for_programs(demo):
    ran = demo("list", "--columns", "number,target,cost,changed", "--filter", US, "--format", "csv")
    (row,) = csv.DictReader(io.StringIO(ran.out))
    assert list(row) == ["number", "target", "monthly", "monthly_currency", "changed"]
    assert row["number"] == US
    assert row["target"].startswith("team:TM")


def test_json_keeps_its_records_whatever_columns_are_asked_for(demo):
    ran = demo("list", "--columns", "number", "--filter", US)
    assert list(ran.json[0]) == OWNED_KEYS


def test_list_is_sorted_by_a_column_and_what_tells_nothing_stands_last(demo):
    for sort, reverse in (("name", False), ("-name", True)):
        ran = demo("list", "--sort", sort)
        names = [record["name"] for record in ran.json]
        told = [name for name in names if name]
        assert told == sorted(told, key=str.casefold, reverse=reverse)
        assert not any(names[len(told) :])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--columns", "numbr"), "--columns: no column 'numbr'; did you mean 'number'?"),
        (("--columns", ","), "--columns names no column"),
        (("--sort", "-acount"), "--sort: no column 'acount'; did you mean 'account'?"),
    ],
)
def test_a_column_that_there_is_not_names_the_nearest(demo, words, said):
    ran = demo("list", *words)
    assert ran.code == 2
    assert said in ran.err
    assert ran.out == ""
