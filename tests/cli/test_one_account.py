"""What goes wrong at one account is that account's failure, and the others are told of."""

import os
import stat
import sys

import pytest

from tests.support.command_line import AU, TO, UK, US
from tui_numbers.providers.contract import Page
from tui_numbers.providers.vonage.client import Vonage
from tui_numbers.services.paths import Paths

SECRET = "an9876543210secret"
ERRORS = [
    ImportError("no module"),
    KeyError("msisdn"),
    AssertionError(),
    RecursionError("too deep"),
    ExceptionGroup("several", [ValueError("one"), OSError("two")]),
]
FAR = '\n[accounts.far]\nprovider = "vonage"\napi_key = "ffff0000"\n'
WITH_FAR = {"TUI_NUMBERS_SECRET_FAR": SECRET}


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch):
    for name in list(os.environ):
        if name.startswith("SSL") or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)


def _raising(error):
    def raise_it(self, *args, **more):
        raise error

    return raise_it


@pytest.fixture
def broken(served, monkeypatch):
    """Let everything that the program does at its Vonage account fail in a way nobody foresaw."""

    def breaking(error):
        for name in ("check", "owned", "find", "find_many", "available", "targets"):
            monkeypatch.setattr(Vonage, name, _raising(error))
        return served

    return breaking


def _log():
    return Paths.of_user().log.read_text(encoding="utf-8")


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_numbers_of_the_other_accounts_are_listed(broken, error):
    ran = broken(error).run("list")
    assert ran.code == 4
    assert {row["account"] for row in ran.json} == {"us-desk", "au-sales", "us-hotline"}
    name = type(error).__name__
    assert f"uk-sms: the program failed at this account ({name})" in ran.err
    assert f"the details are in {Paths.of_user().log}" in ran.err
    assert name in _log()
    assert stat.S_IMODE(Paths.of_user().log.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["search", "--country", "US"], 4),
        (["targets"], 4),
        (["accounts", "check"], 4),
        (["doctor", "--format", "json"], 4),
        (["retarget", US, AU, "--to", f"phone:{TO}", "--dry-run"], None),
        (["show", US], None),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_every_command_goes_on_with_the_other_accounts(broken, words, code):
    ran = broken(ImportError("no module")).run(*words)
    assert code is None or ran.code == code
    assert ran.code != 1
    said = ran.out + ran.err
    assert "the program failed at this account (ImportError)" in said
    assert "the program failed: " not in said
    assert "us-desk" in said


def test_a_preview_that_fails_at_one_number_leaves_the_others(served, monkeypatch):
    monkeypatch.setattr(Vonage, "warnings", _raising(TypeError("odd")))
    ran = served.run("retarget", UK, AU, "--to", f"phone:{TO}", "--dry-run", "--format", "json")
    outcomes = {row["number"]: row["outcome"] for row in ran.json}
    assert outcomes == {UK: "refused", AU: "planned"}
    assert "the program failed at this account (TypeError)" in ran.out


def test_the_log_never_holds_the_secret_that_an_exception_repeats(served, monkeypatch):
    secret = served.environment["TUI_NUMBERS_SECRET_UK_SMS"]
    monkeypatch.setattr(Vonage, "owned", _raising(RuntimeError(f"cannot use {secret} for this")))
    ran = served.run("list")
    assert "RuntimeError" in _log()
    assert secret not in _log() + ran.out + ran.err


@pytest.mark.parametrize("url", ["socks5://127.0.0.1:1080", "socks://127.0.0.1:1", "ftp://p:1"])
@pytest.mark.parametrize("variable", ["ALL_PROXY", "all_proxy", "HTTPS_PROXY"])
@pytest.mark.slow_after(3)
def test_a_proxy_that_cannot_be_used_fails_the_account_that_needs_it(
    served, monkeypatch, url, variable
):
    monkeypatch.setitem(sys.modules, "socksio", None)
    served.configure(FAR)
    ran = served.run("list", **WITH_FAR, **{variable: url})
    assert ran.code == 4
    assert {row["account"] for row in ran.json} == {"us-desk", "uk-sms", "au-sales", "us-hotline"}
    assert f"far: {variable} names a" in ran.err
    assert "ImportError" not in ran.err


def test_a_dead_proxy_is_named_to_the_account_that_needs_it(served):
    served.configure(FAR)
    ran = served.run("list", HTTPS_PROXY="http://127.0.0.1:9", **WITH_FAR)
    assert "far: the proxy 127.0.0.1:9 (HTTPS_PROXY) cannot be reached" in ran.err
    assert ran.code == 4


@pytest.mark.parametrize(
    ("variables", "health", "words"),
    [
        ({}, "ok", "none is named"),
        ({"ALL_PROXY": "socks://127.0.0.1:1"}, "bad", "far: ALL_PROXY names a proxy of a kind"),
        ({"HTTPS_PROXY": "http://127.0.0.1:9"}, "ok", "far: through the proxy 127.0.0.1:9 (HTTPS"),
        (
            {"HTTPS_PROXY": "http://127.0.0.1:9", "NO_PROXY": "nexmo.com"},
            "ok",
            "far: directly (NO_PROXY)",
        ),
        ({"SSL_CERT_FILE": "/nowhere/ca.pem"}, "bad", "cannot be read (/nowhere/ca.pem)"),
        ({"SSL_CERT_DIR": "/nowhere/ca"}, "bad", "cannot be read (/nowhere/ca)"),
        ({"SSLKEYLOGFILE": "/nowhere/keys"}, "bad", "SSLKEYLOGFILE names a file that cannot be"),
        ({"TUI_NUMBERS_SECRET_UKSMS": "x"}, "note", "TUI_NUMBERS_SECRET_UKSMS is set"),
    ],
)
@pytest.mark.slow_after(3)
def test_doctor_examines_the_environment(served, variables, health, words):
    served.configure(FAR)
    proxy = {"HTTPS_PROXY": "http://127.0.0.1:9"} if "SSL" in str(variables) else {}
    ran = served.run("doctor", "--format", "json", **WITH_FAR, **proxy, **variables)
    found = [row for row in ran.json if row["topic"] == "environment"]
    assert [row["health"] for row in found if words in row["says"]] == [health]


@pytest.mark.parametrize(
    ("number", "title", "others"),
    [
        (UK, "Vonage", ("Parakeet", "Fone Dynamics")),
        (US, "Parakeet", ("Vonage", "Fone Dynamics")),
        (AU, "Fone Dynamics", ("Parakeet", "Vonage")),
    ],
)
@pytest.mark.parametrize("target", ["Support", "desk 7"])
def test_a_target_nobody_knows_is_refused_in_the_words_of_the_numbers_own_provider(
    demo, number, title, others, target
):
    ran = demo("retarget", number, "--to", target)
    assert ran.code == 2
    assert ran.err.startswith(f"{title} cannot point at {target!r}; it takes targets such as")
    assert not any(other in ran.err for other in others)


@pytest.mark.parametrize(
    ("number", "setting", "words"),
    [
        (UK, "colour=red", "no setting 'colour'; known are application"),
        (AU, "colour=red", "no setting 'colour'; known are address"),
        (UK, "target=user:USx", "no setting 'target'"),
    ],
)
def test_a_setting_is_refused_in_the_words_of_the_numbers_own_provider(
    demo, number, setting, words
):
    ran = demo("set", number, setting)
    assert ran.code == 2
    assert words in ran.err
    assert "Parakeet" not in ran.err


def test_a_number_nobody_holds_has_every_provider_say_what_it_takes(demo):
    ran = demo("retarget", "+442079460001", "--to", "Support")
    assert ran.code == 2
    for title in ("Parakeet", "Fone Dynamics", "Telnyx", "Vonage"):
        assert f"{title} cannot point at 'Support'" in ran.err


@pytest.mark.parametrize("filtered", [[], ["--filter", "61"], ["--country", "GB"]])
def test_records_that_cannot_be_read_are_never_told_as_no_match(served, monkeypatch, filtered):
    async def owned(self, query):
        yield Page((), dropped=45)

    monkeypatch.setattr(Vonage, "owned", owned)
    ran = served.run("list", "--account", "uk-sms", "--format", "table", *filtered)
    assert "45 records hold no usable number and are left out" in ran.err
    assert "no number matches" not in ran.err
    assert ran.code == 4
