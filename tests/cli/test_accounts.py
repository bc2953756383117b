import pytest

from tests.support.command_line import run
from tui_numbers.sandbox.accounts import VONAGE_API_SECRET
from tui_numbers.services.paths import Paths

KEYS = [
    "name", "provider", "fields", "base_url", "read_only", "production", "secret_source", "state",
    "error",
]  # fmt: skip


def _add(served, *more, stdin=VONAGE_API_SECRET + "\n", name="new"):
    return run("accounts", "add", name, "--provider", "vonage", "api_key=5b0c7d1e",
               f"base_url={served.origin}/vonage", *more, stdin=stdin)  # fmt: skip


def test_accounts_are_listed_with_where_their_secrets_come_from(served, monkeypatch):
    monkeypatch.setenv("TUI_NUMBERS_SECRET_UK_SMS", "x")
    ran = run("accounts", "list")
    assert ran.code == 0
    assert {tuple(record) for record in ran.json} == {tuple(KEYS)}
    sources = {record["name"]: record["secret_source"] for record in ran.json}
    assert sources == {
        "us-desk": None,
        "uk-sms": "environment (TUI_NUMBERS_SECRET_UK_SMS)",
        "au-sales": None,
        "us-hotline": None,
        "eu-care": None,
    }
    assert "us-desk: no secret: " in ran.err


def test_no_account_is_an_empty_list():
    ran = run("accounts", "list")
    assert (ran.code, ran.json) == (0, [])
    assert "accounts add" in ran.err


def test_check_asks_each_account(served):
    ran = served.run("accounts", "check")
    assert ran.code == 0
    assert [(record["name"], record["state"]) for record in ran.json] == [
        ("us-desk", "ok"),
        ("uk-sms", "ok"),
        ("au-sales", "ok"),
        ("us-hotline", "ok"),
        ("eu-care", "ok"),
    ]
    partly = served.run("accounts", "check", TUI_NUMBERS_SECRET_UK_SMS="wrong")
    assert (partly.code, partly.json[1]["state"]) == (4, "key rejected")
    one = served.run("accounts", "check", "uk-sms", TUI_NUMBERS_SECRET_UK_SMS="wrong")
    assert one.code == 3
    missing = served.run("accounts", "check", "uk-sms", without=["TUI_NUMBERS_SECRET_UK_SMS"])
    assert (missing.code, missing.json[0]["state"]) == (3, "no secret")


def test_adding_checks_the_secret_and_never_saves_it(served):
    path = Paths.of_user().config_file
    before = path.read_text()
    ran = _add(served)
    assert ran.code == 0
    assert path.read_text().startswith(before)
    assert '[accounts.new]\nprovider = "vonage"\napi_key = "5b0c7d1e"\n' in path.read_text()
    assert "TUI_NUMBERS_SECRET_NEW" in ran.err
    assert 'secret_command = ["pass", "show", "new"]' in ran.err
    for place in (path.read_text(), ran.out, ran.err):
        assert VONAGE_API_SECRET not in place


def test_a_wrong_secret_saves_nothing(served):
    before = Paths.of_user().config_file.read_text()
    ran = _add(served, stdin="wrong-secret-value\n")
    assert ran.code == 3
    assert "wrong-secret-value" not in ran.out + ran.err
    assert Paths.of_user().config_file.read_text() == before
    assert _add(served, stdin="").code == 2
    assert _add(served, "--no-check", stdin="").code == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["new", "--provider", "vonag", "api_key=5b0c7d1e"], "did you mean 'vonage'"),
        (["new", "--provider", "vonage"], "needs api_key="),
        (["new", "--provider", "vonage", "api_key=x!"], "looks like"),
        (["new", "--provider", "vonage", "api_key"], "FIELD=VALUE"),
        (["new", "--provider", "vonage", "api_key=a", "api_secret=hush"], "never an argument"),
        (["New", "--provider", "vonage", "api_key=a"], "lower-case"),
        (["uk-sms", "--provider", "vonage", "api_key=a"], "already"),
        (["new", "--provider", "vonage", "api_key=a", "--demo"], "demo"),
    ],
)
def test_an_account_that_cannot_be_is_one_line_and_code_2(served, words, said):
    ran = run("accounts", "add", *words, stdin="secret\n")
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err
    assert "hush" not in ran.err
    assert len(ran.err.splitlines()) == 1


def test_renaming_and_removing(served):
    path = Paths.of_user().config_file
    renamed = run("accounts", "rename", "uk-sms", "london")
    assert renamed.code == 0
    assert "london" in renamed.err
    assert "[accounts.london]" in path.read_text()
    assert run("accounts", "remove", "london").code == 6
    assert run("accounts", "remove", "london", "--yes").code == 0
    assert "london" not in path.read_text()
    assert run("accounts", "remove", "london", "--yes").code == 2


def test_set_secret_checks_and_says_where_it_may_be_kept(served):
    good = run("accounts", "set-secret", "uk-sms", stdin=VONAGE_API_SECRET)
    assert "the secret works" in good.err
    assert "its secret is not in a keyring" in good.err
    assert good.code == 1
    assert run("accounts", "set-secret", "uk-sms", stdin="wrong").code == 3
